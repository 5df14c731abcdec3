-- How far it had been emptied.
SELECT swept, gone FROM queue

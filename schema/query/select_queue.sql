-- How far the queue has been emptied.
SELECT swept, gone FROM queue

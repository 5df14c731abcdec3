-- How far it had been emptied.
UPDATE queue SET swept = ?1, gone = ?2

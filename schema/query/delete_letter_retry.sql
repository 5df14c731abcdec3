-- What somebody asked for and what is not there any more.
DELETE FROM dead_retry WHERE sink = ?1 AND letter IN (SELECT id FROM dead_letter WHERE id = ?2 OR bundle = ?3)

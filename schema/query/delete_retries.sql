-- What was asked for up to a letter: it is in a batch now, or may not be sent.
DELETE FROM dead_retry WHERE sink = ?1 AND letter <= ?2

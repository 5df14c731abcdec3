-- A dead letter, or all of a bundle, is asked for again.
INSERT OR IGNORE INTO dead_retry (sink, letter, asked_us) SELECT sink, id, ?3 FROM dead_letter WHERE id = ?1 OR bundle = ?2

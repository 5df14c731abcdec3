-- A dead letter, or all of a bundle.
DELETE FROM dead_letter WHERE id = ?1 OR bundle = ?2

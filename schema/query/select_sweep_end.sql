-- The last of at most ?3 rows behind ?1 and up to ?2, so that a transaction stays small.
SELECT max(id) FROM (SELECT id FROM event WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3)

-- The last of at most ?3 rows behind ?1 and up to ?2 that hold about ?4 bytes, so that a transaction stays small.
SELECT max(id) FROM (SELECT id, sum(length(properties)) OVER (ORDER BY id) - length(properties) AS before
                     FROM (SELECT id, properties FROM event WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3))
WHERE before < ?4

-- Up to an id, but for the newest row.
DELETE FROM event WHERE id <= ?1 AND id < (SELECT max(id) FROM event)

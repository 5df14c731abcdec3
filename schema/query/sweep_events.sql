-- Rows every sink has finished with. What was recorded under local was never theirs: it stays until a limit.
DELETE FROM event WHERE id > ?1 AND id <= ?2 AND consent = 'on' AND name <> '' AND id < (SELECT max(id) FROM event)

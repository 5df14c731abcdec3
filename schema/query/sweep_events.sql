-- Rows every sink has finished with, ?3 being the newest. What was recorded under local was never theirs: it stays until a limit.
DELETE FROM event WHERE id > ?1 AND id <= ?2 AND id < ?3 AND consent = 'on' AND name <> ''

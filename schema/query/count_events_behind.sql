-- Rows still here behind an id.
SELECT count(*) FROM event WHERE id > ?1 AND name <> ''

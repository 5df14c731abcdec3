-- Rows still here.
SELECT count(*) FROM event WHERE name <> ''

-- What could be carried over.
SELECT count(*) FROM event WHERE name <> ''

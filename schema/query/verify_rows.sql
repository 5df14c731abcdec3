-- Ids given out against rows that are here and rows that have left.
SELECT (SELECT coalesce(max(id), 0) FROM event), (SELECT count(*) FROM event WHERE name <> ''), gone FROM queue
WHERE (SELECT coalesce(max(id), 0) FROM event) <> (SELECT count(*) FROM event WHERE name <> '') + gone

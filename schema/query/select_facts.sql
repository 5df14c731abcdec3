-- The queue as a whole.
SELECT count(*) FILTER (WHERE name <> ''), coalesce(max(id), 0), coalesce(min(CASE WHEN name <> '' THEN time_us END), 0),
       coalesce(max(CASE WHEN name <> '' THEN time_us END), 0), (SELECT count(*) FROM session), (SELECT count(*) FROM dead_letter)
FROM event

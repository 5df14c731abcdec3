-- The queue as a whole, ?1 being how far every sink is: what has not left yet, the newest id.
SELECT count(*) FILTER (WHERE waits), coalesce(max(id), 0), coalesce(min(CASE WHEN waits THEN time_us END), 0),
       coalesce(max(CASE WHEN waits THEN time_us END), 0), (SELECT count(*) FROM session), (SELECT count(*) FROM dead_letter)
FROM (SELECT id, time_us, name <> '' AND (id > ?1 OR consent <> 'on') AS waits FROM event)

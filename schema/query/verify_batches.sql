-- Batches whose members are not what they were frozen as.
SELECT b.uuid, k.name, b.events,
       CASE b.source WHEN 'event' THEN (SELECT count(*) FROM event e WHERE e.name <> '' AND e.id IN (SELECT value FROM json_each(b.members)))
                     ELSE (SELECT count(*) FROM dead_letter d WHERE d.id IN (SELECT value FROM json_each(b.members))) END AS here
FROM batch b JOIN sink k ON k.id = b.sink WHERE here <> b.events

-- The oldest rows, for dropping by age; those in a batch are not touched.
SELECT e.id, e.uuid, e.name, e.consent = 'on',
       EXISTS (SELECT 1 FROM batch b WHERE b.source = 'event' AND e.id BETWEEN b.first AND b.last
               AND e.id IN (SELECT value FROM json_each(b.members)))
FROM event e WHERE e.name <> '' ORDER BY e.id LIMIT ?1

-- Sinks that are neither paused nor through with everything up to an id.
SELECT count(*) FROM sink k
WHERE k.ended_id IS NULL AND NOT k.paused
  AND (k.cursor < ?1 AND EXISTS (SELECT 1 FROM event e WHERE e.id > k.cursor AND e.id <= ?1 AND e.name <> '' AND e.consent = 'on')
       OR EXISTS (SELECT 1 FROM batch b WHERE b.sink = k.id AND b.source = 'event' AND b.first <= ?1))

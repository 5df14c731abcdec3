-- The oldest rows of a severity that may go: not the newest row, not in a batch.
SELECT e.id, e.name, e.consent = 'on', length(e.properties) FROM event e
WHERE e.id > (SELECT cursor FROM evict WHERE severity = ?1) AND e.severity = ?1 AND e.id < ?2
  AND NOT EXISTS (SELECT 1 FROM batch b WHERE b.source = 'event' AND e.id BETWEEN b.first AND b.last
                  AND e.id IN (SELECT value FROM json_each(b.members)))
ORDER BY e.id LIMIT ?3

-- The oldest rows, for dropping by age; those in a batch are not touched. ?1 is how a UUID of now begins: what a wrong
-- clock recorded as of later says nothing about the rows behind it.
SELECT e.id, e.uuid, e.name, e.consent = 'on', e.properties FROM event e
WHERE e.name <> '' AND e.uuid < ?1
  AND e.id NOT IN (SELECT m.value FROM batch b, json_each(b.members) m WHERE b.source = 'event')
ORDER BY e.id

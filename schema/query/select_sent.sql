-- The last ?2 of what was sent to a sink, or to all of them, oldest first.
SELECT coalesce(k.name, ''), s.batch, s.time_us, s.status, s.events, s.accepted, s.bytes, s.names, s.body
FROM sent_entry s LEFT JOIN sink k ON k.id = s.sink
WHERE s.id IN (SELECT l.id FROM sent_entry l LEFT JOIN sink k ON k.id = l.sink WHERE ?1 IS NULL OR k.name = ?1
               ORDER BY l.id DESC LIMIT ?2)
ORDER BY s.id

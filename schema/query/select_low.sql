-- Every sink is done with all events up to here; NULL without sinks: then rows stay until a limit.
SELECT min(min(k.cursor, coalesce((SELECT min(b.first) - 1 FROM batch b WHERE b.sink = k.id AND b.source = 'event'), k.cursor)))
FROM sink k WHERE k.ended_id IS NULL

-- Every sink is done with all events up to here; 0 without sinks: then rows stay until a limit. (The view `finished`, which
-- files of older releases do not have.)
SELECT coalesce(min(min(k.cursor, coalesce((SELECT min(b.first) - 1 FROM batch b WHERE b.sink = k.id AND b.source = 'event'),
                                           k.cursor))), 0)
FROM sink k WHERE k.ended_id IS NULL

-- How far a live sink has looked; 0 is one that the queue has not met: it will begin behind what has left (see select_low).
SELECT cursor FROM sink WHERE id = ?1 AND ended_id IS NULL UNION ALL
SELECT max(swept, (SELECT coalesce(min(min(k.cursor, coalesce((SELECT min(b.first) - 1 FROM batch b
                                                               WHERE b.sink = k.id AND b.source = 'event'), k.cursor))), 0)
                   FROM sink k WHERE k.ended_id IS NULL))
FROM queue WHERE ?1 = 0

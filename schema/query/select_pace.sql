-- How many events came since ?1 (microseconds), as the sink that knows most of them tells; since when anything is known;
-- and what one of the newest takes.
SELECT max((SELECT count(*) FROM event WHERE time_us >= ?1 AND name <> ''),
           coalesce((SELECT max((SELECT coalesce(sum(h.events), 0) FROM history_entry h
                                 WHERE h.sink = k.id AND h.minute >= ?1 / 60000000 AND h.outcome <> 'dropped')
                              + (SELECT count(*) FROM event e WHERE e.id > k.cursor AND e.time_us >= ?1 AND e.name <> '')
                              + (SELECT coalesce(sum(b.events), 0) FROM batch b WHERE b.sink = k.id AND b.source = 'event'))
                     FROM sink k WHERE k.ended_id IS NULL), 0)),
       coalesce((SELECT min(time_us) FROM event WHERE time_us >= ?1 AND name <> ''), 0),
       coalesce((SELECT min(minute) FROM history_entry WHERE minute >= ?1 / 60000000), 0) * 60000000,
       coalesce((SELECT avg(bytes) FROM (SELECT length(properties) + length(name) AS bytes FROM event
                                         WHERE name <> '' ORDER BY id DESC LIMIT 1000)), 0)

-- Events that stand in two open batches of one sink.
SELECT k.name, m.value, count(*) FROM batch b JOIN sink k ON k.id = b.sink, json_each(b.members) m
WHERE b.source = 'event' GROUP BY b.sink, m.value HAVING count(*) > 1 LIMIT 10

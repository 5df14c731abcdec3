-- Each sink's books against its rows.
SELECT k.id, k.ended_id IS NOT NULL, coalesce(k.ended_id, (SELECT coalesce(max(id), 0) FROM event)) - k.start,
       (SELECT coalesce(sum(events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'delivered'),
       (SELECT coalesce(sum(events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'dead'),
       (SELECT coalesce(sum(events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'dropped'),
       (SELECT coalesce(sum(events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'unwanted'),
       (SELECT coalesce(sum(coalesce(weight, events)), 0) FROM batch b WHERE b.sink = k.id),
       (SELECT count(*) FROM batch b WHERE b.sink = k.id),
       (SELECT count(*) FROM event e WHERE e.id > k.cursor AND e.name <> '' AND k.ended_id IS NULL),
       coalesce((SELECT min(e.time_us) FROM event e WHERE e.id > min(k.cursor, coalesce((SELECT min(b.first) - 1 FROM batch b
                 WHERE b.sink = k.id AND b.source = 'event'), k.cursor)) AND e.name <> '' AND e.consent = 'on' AND k.ended_id IS NULL), 0)
FROM sink k ORDER BY k.id

-- Dead letters against the books.
SELECT k.name, coalesce((SELECT sum(events) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'dead'), 0) AS booked,
       coalesce((SELECT sum(weight) FROM dead_letter d WHERE d.sink = k.id), 0)
       - coalesce((SELECT sum(coalesce(weight, events)) FROM batch b WHERE b.sink = k.id AND b.source = 'dead'), 0) AS kept
FROM sink k WHERE booked <> kept

-- The books after the damage. Dead letters are those that are here; what else is missing from a sink's books was dropped
-- (damaged), and when they hold more than there ever was, they begin earlier.
UPDATE queue SET
	swept = min(swept, coalesce((SELECT min(cursor) FROM sink WHERE ended_id IS NULL), swept)),
	gone = (SELECT coalesce(max(id), 0) FROM event) - (SELECT count(*) FROM event WHERE name <> '');
INSERT INTO ledger_entry (sink, kind, reason, events)
SELECT k.id, 'dead', '', (SELECT coalesce(sum(d.weight), 0) FROM dead_letter d WHERE d.sink = k.id)
                         - (SELECT coalesce(sum(coalesce(b.weight, b.events)), 0) FROM batch b WHERE b.sink = k.id AND b.source = 'dead')
FROM sink k WHERE true
ON CONFLICT (sink, kind, reason) DO UPDATE SET events = excluded.events;
INSERT INTO ledger_entry (sink, kind, reason, events)
SELECT k.id, 'dropped', 'damaged', l.committed - (l.delivered + l.queued + l.dead + l.dropped + l.unwanted)
FROM ledger l JOIN sink k ON k.name = l.sink WHERE l.committed > l.delivered + l.queued + l.dead + l.dropped + l.unwanted
ON CONFLICT (sink, kind, reason) DO UPDATE SET events = events + excluded.events;
UPDATE sink SET start = start + (SELECT l.committed - (l.delivered + l.queued + l.dead + l.dropped + l.unwanted) FROM ledger l
                                 WHERE l.sink = sink.name);
DELETE FROM ledger_entry WHERE events = 0;

-- The shortfall is booked: whatever of newest id - start is not accounted for by books, batches and rows, was lost with the
-- damage. A sink whose own row was lost begins anew when the agent names it.
UPDATE main.queue SET
	swept = min((SELECT coalesce(max(id), 0) FROM main.event), coalesce((SELECT swept FROM damaged.queue), swept));
UPDATE main.queue SET
	gone = (SELECT coalesce(max(id), 0) FROM main.event) - (SELECT count(*) FROM main.event WHERE name <> '');
INSERT INTO main.ledger_entry (sink, kind, reason, events)
SELECT k.id, 'dropped', 'damaged',
       (SELECT coalesce(max(id), 0) FROM main.event) - k.start
       - (SELECT coalesce(sum(l.events), 0) FROM main.ledger_entry l WHERE l.sink = k.id)
       - (SELECT coalesce(sum(b.events), 0) FROM main.batch b WHERE b.sink = k.id)
       - (SELECT count(*) FROM main.event e WHERE e.id > k.cursor AND e.name <> '')
FROM main.sink k WHERE k.ended_id IS NULL
ON CONFLICT (sink, kind, reason) DO UPDATE SET events = events + excluded.events;
DELETE FROM main.ledger_entry WHERE events = 0;

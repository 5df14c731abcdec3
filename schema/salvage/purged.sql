-- Books whose events and dead letters are gone: what every sink had not finished was dropped (purged).
UPDATE queue SET
	swept = (SELECT coalesce(max(id), 0) FROM event),
	gone = (SELECT coalesce(max(id), 0) FROM event);
UPDATE sink SET cursor = (SELECT coalesce(max(id), 0) FROM event) WHERE ended_id IS NULL;
DELETE FROM ledger_entry WHERE kind = 'dead';
INSERT INTO ledger_entry (sink, kind, reason, events)
SELECT k.id, 'dropped', 'purged', l.committed - (l.delivered + l.queued + l.dead + l.dropped + l.unwanted)
FROM ledger l JOIN sink k ON k.name = l.sink WHERE l.committed > l.delivered + l.queued + l.dead + l.dropped + l.unwanted
ON CONFLICT (sink, kind, reason) DO UPDATE SET events = events + excluded.events;

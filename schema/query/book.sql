-- Adds to one line of a sink's books.
INSERT INTO ledger_entry (sink, kind, reason, events) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (sink, kind, reason) DO UPDATE SET events = events + excluded.events

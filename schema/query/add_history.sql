-- Counts events of one name and outcome in a minute.
INSERT INTO history_entry (minute, sink, name, outcome, events) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (minute, sink, name, outcome) DO UPDATE SET events = events + excluded.events

-- Counts an event that a rule refused.
INSERT INTO refused (reason, name, events, last_us) SELECT ?1, ?2, ?4, ?3
WHERE (SELECT count(*) FROM refused) < 1000 OR EXISTS (SELECT 1 FROM refused WHERE reason = ?1 AND name = ?2)
ON CONFLICT (reason, name) DO UPDATE SET events = events + excluded.events, last_us = excluded.last_us

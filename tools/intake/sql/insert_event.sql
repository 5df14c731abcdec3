-- The usual case, an id never seen before; changes() says whether it was.
INSERT INTO event (event_id, name, session, seq, request, at, length, seen, accepted, rejected)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9)
ON CONFLICT DO NOTHING;

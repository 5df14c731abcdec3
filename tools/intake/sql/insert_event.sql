-- The usual case, an id never seen before on this path; changes() says whether it was.
INSERT INTO event (path, event_id, name, session, seq, request, at, length, seen, accepted, rejected)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10)
ON CONFLICT DO NOTHING;

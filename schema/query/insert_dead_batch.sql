-- Freezes a list of dead letters, which count what they weigh together.
INSERT INTO batch (id, uuid, sink, source, first, last, events, members, claimed_us, weight)
VALUES (?1, ?2, ?3, 'dead', ?4, ?5, ?6, ?7, ?8, (SELECT coalesce(sum(weight), 0) FROM dead_letter WHERE id IN (SELECT value FROM json_each(?7))))
RETURNING weight

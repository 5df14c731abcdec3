-- Freezes a list of members.
INSERT INTO batch (id, uuid, sink, source, first, last, events, members, claimed_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)

-- One recorded event. No row is made when its session was cleaned away meanwhile: the caller adds it again; nor when a newer
-- release has taken the file over.
INSERT INTO event (uuid, session, seq, time_us, severity, name, consent, internal, route, traceparent, properties)
SELECT ?3, id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, '{' || ?12 || '}' FROM session WHERE id = ?1 AND uuid = ?2
   AND coalesce((SELECT min_writer FROM meta), 0) <= ?13

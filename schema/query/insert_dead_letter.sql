-- An event that a sink refused for good, copied out whole.
INSERT INTO dead_letter (sink, died_us, status, reason, answer, event, uuid, session, service, version, user_bucket, ci, seq, time_us,
                         severity, name, internal, traceparent, properties)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, nullif(?18, ''), ?19)

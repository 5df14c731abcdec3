-- An event that a sink refused for good, copied out whole.
INSERT INTO dead_letter (sink, died_us, status, reason, answer, weight, bundle, event, uuid, session, service, version, user_bucket, ci,
                         seq, time_us, severity, name, internal, traceparent, properties, route)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0), ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, nullif(?20, ''), ?21, ?22)

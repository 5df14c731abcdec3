-- One member of a batch of dead letters, in the shape of an event.
SELECT id, uuid, name, time_us, severity, service, version, session, seq, user_bucket, ci, internal, 1, coalesce(traceparent, ''), properties, route
FROM dead_letter WHERE id = ?1

-- The dead letters of a sink that are asked for, oldest first, in the shape of events; and their bundle.
SELECT d.id, d.uuid, d.name, d.time_us, d.severity, d.service, d.version, d.session, d.seq, d.user_bucket, d.ci, d.internal, 1,
       coalesce(d.traceparent, ''), d.properties, d.route, coalesce(d.bundle, 0)
FROM dead_retry r JOIN dead_letter d ON d.id = r.letter
WHERE r.sink = ?1 ORDER BY r.letter LIMIT ?2

-- Every event of a dead letter, which may be named by any of them.
SELECT d.id, d.uuid, d.name, d.time_us, d.severity, d.service, d.version, d.session, d.seq, d.user_bucket, d.ci, d.internal, 1,
       coalesce(d.traceparent, ''), d.properties, d.route, k.name, k.ended_id IS NOT NULL, d.died_us, d.status, d.reason, d.answer,
       d.event, coalesce(d.bundle, 0),
       CASE WHEN d.bundle IS NULL THEN 1 ELSE (SELECT count(*) FROM dead_letter o WHERE o.bundle = d.bundle) END,
       CASE WHEN d.bundle IS NULL THEN 1 ELSE (SELECT sum(o.weight) FROM dead_letter o WHERE o.bundle = d.bundle) END,
       coalesce(r.asked_us, 0),
       EXISTS (SELECT 1 FROM batch b WHERE b.source = 'dead' AND d.id BETWEEN b.first AND b.last
               AND d.id IN (SELECT value FROM json_each(b.members)))
FROM dead_letter d JOIN sink k ON k.id = d.sink LEFT JOIN dead_retry r ON r.sink = d.sink AND r.letter = d.id
WHERE d.id = ?1 OR d.bundle = (SELECT bundle FROM dead_letter WHERE id = ?1)
ORDER BY d.id

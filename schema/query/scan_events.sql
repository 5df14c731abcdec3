-- The next rows behind a cursor. Second gate: what was recorded under local, or for insiders only, may not leave here.
SELECT e.id, e.uuid, e.name, e.time_us, e.severity, coalesce(s.service, ''), coalesce(s.version, ''), coalesce(s.uuid, ''), e.seq,
       coalesce(s.user_bucket, 0), coalesce(s.ci, 0), e.internal, e.consent = 'on', coalesce(e.traceparent, ''), e.properties, e.route,
       e.consent = 'on' AND (e.internal = 0 OR ?2) AS may_leave
FROM event e LEFT JOIN session s ON s.id = e.session
WHERE e.id > ?1 AND e.name <> '' ORDER BY e.id LIMIT ?3

-- Runs of host programs, the one that was heard of last first: to quote, and to put into a report.
SELECT s.uuid, s.service, s.version, max(s.started_us, coalesce(e.last_us, 0)) AS heard_us
FROM session s LEFT JOIN (SELECT session, max(time_us) AS last_us FROM event GROUP BY session) e ON e.session = s.id
ORDER BY heard_us DESC, s.id DESC LIMIT 20

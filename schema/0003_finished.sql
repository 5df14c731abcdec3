-- Rows that every sink has finished with stay for a moment, until many of them are deleted at once; they are not pending
-- any more.

-- Every live sink is done with all events up to this one; what was recorded under local was never a sink's.
CREATE VIEW finished AS
SELECT coalesce(min(min(k.cursor, coalesce((SELECT min(b.first) - 1 FROM batch b WHERE b.sink = k.id AND b.source = 'event'),
                                           k.cursor))), 0) AS id
FROM sink k WHERE k.ended_id IS NULL;

-- Every event that has not left yet, oldest first.
DROP VIEW pending;
CREATE VIEW pending AS
SELECT e.id,
       strftime('%Y-%m-%dT%H:%M:%S', e.time_us / 1000000, 'unixepoch') || printf('.%03dZ', e.time_us / 1000 % 1000) AS time,
       e.severity, e.name, e.consent, e.properties, s.service, s.uuid AS session, e.seq, e.uuid
FROM event e LEFT JOIN session s ON s.id = e.session
WHERE e.name <> '' AND (e.id > (SELECT id FROM finished) OR e.consent <> 'on')
ORDER BY e.id;

DROP VIEW pending_by_name;
CREATE VIEW pending_by_name AS
SELECT name, count(*) AS events, min(id) AS first, max(id) AS last, sum(length(properties)) AS bytes
FROM event WHERE name <> '' AND (id > (SELECT id FROM finished) OR consent <> 'on') GROUP BY name ORDER BY events DESC;

-- What is here, by the minute it happened in.
DROP VIEW timeline;
CREATE VIEW timeline AS
SELECT strftime('%Y-%m-%dT%H:%MZ', time_us / 1000000, 'unixepoch') AS minute, severity, name, count(*) AS events
FROM event WHERE name <> '' AND (id > (SELECT id FROM finished) OR consent <> 'on')
GROUP BY time_us / 60000000, severity, name ORDER BY time_us / 60000000;

PRAGMA user_version = 3;

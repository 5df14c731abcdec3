-- What a `clickhouse` sink inserts into, for releases from 18.16 on. Set it up once:
--
--     clickhouse-client --multiquery < clickhouse.sql
--
-- A batch whose answer was lost is sent again, so a row may come twice. The sorting key ends with the event's id, and
-- ReplacingMergeTree keeps one row of each key: at some merge on the disk, at once for whoever asks with FINAL, as the
-- views do. Nothing has to be optimized for it.

CREATE DATABASE IF NOT EXISTS telemetry;

CREATE TABLE IF NOT EXISTS telemetry.events
(
    event_id    UUID,
    name        String,
    ts          DateTime('UTC'), -- ends with 2105, where a later event stops
    ts_us       Int64,           -- microseconds since 1970, exact
    severity    String,          -- trace debug info warn error fatal
    service     String,
    version     String,
    session     UUID,            -- one run of the program
    seq         UInt64,          -- 0, 1, 2, ... within the session
    user_bucket UInt16,          -- of how many, the program's config says: 30 unless it says otherwise
    ci          UInt8,
    traceparent String,
    properties  String           -- one JSON object: JSONExtractInt(properties, 'duration')
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (name, ts_us, event_id);

-- Releases from 22.2 on can refuse a repeated batch at the door as well, by the id it carries:
--     ALTER TABLE telemetry.events MODIFY SETTING non_replicated_deduplication_window = 1000

-- Each event once.
CREATE VIEW IF NOT EXISTS telemetry.events_once AS
SELECT event_id, name, ts, ts_us, severity, service, version, session, seq, user_bucket, ci, traceparent, properties
FROM telemetry.events FINAL;

-- How often, and in how many runs.
CREATE VIEW IF NOT EXISTS telemetry.by_name AS
SELECT toDate(ts) AS day, name, uniqExact(event_id) AS events, uniqExact(session) AS sessions
FROM telemetry.events
GROUP BY day, name
ORDER BY day, events DESC, name;

-- What is missing: numbers of a session that did not arrive. A sink with a list of events leaves gaps by design.
CREATE VIEW IF NOT EXISTS telemetry.gaps AS
SELECT session, service, min(ts) AS began, max(seq) + 1 AS recorded, uniqExact(seq) AS arrived,
    recorded - arrived AS missing
FROM telemetry.events
GROUP BY session, service
HAVING missing > 0
ORDER BY began, session;

-- How many users an event happened to, by linear counting: k of m buckets were hit, so about -m ln(1 - k/m) users. With
-- m = 30 that is honest up to about 60; beyond that it only says so. Change both 30s when the config says otherwise.
CREATE VIEW IF NOT EXISTS telemetry.affected_users AS
SELECT day, name, buckets, if(estimate > 60, '> 60', toString(toUInt32(round(least(estimate, 60))))) AS users
FROM
(
    SELECT toDate(ts) AS day, name, uniqExact(user_bucket) AS buckets, -30 * log(1 - least(buckets, 30) / 30) AS estimate
    FROM telemetry.events
    GROUP BY day, name
)
ORDER BY day, name;

-- The queue of one app. Readable with the stock shell:  sqlite3 -readonly queue.db 'SELECT * FROM pending'
--
-- Times named *_us are microseconds since 1970 UTC. An event travels through this file like so:
--   event (recorded) -> batch (frozen for one sink) -> gone (booked as delivered, dead or dropped).

-- Who may still write this file: a program whose schema version is at least min_writer.
CREATE TABLE meta (
	only        INTEGER PRIMARY KEY CHECK (only = 1),
	min_writer  INTEGER NOT NULL,
	created_us  INTEGER NOT NULL
) STRICT;

-- How far the queue has been emptied. Every sendable event up to `swept` has left; `gone` counts all that ever
-- left, so that the newest id = rows still here + gone, at any moment.
-- clock_*: how long wall clock and boot clock have agreed; nothing expires by age before a day of that.
CREATE TABLE queue (
	only           INTEGER PRIMARY KEY CHECK (only = 1),
	swept          INTEGER NOT NULL DEFAULT 0,
	gone           INTEGER NOT NULL DEFAULT 0,
	clock_boot_id  TEXT NOT NULL DEFAULT '',
	clock_boot_us  INTEGER NOT NULL DEFAULT 0,
	clock_wall_us  INTEGER NOT NULL DEFAULT 0,
	clock_agreed_us INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One run of a host program.
CREATE TABLE session (
	id           INTEGER PRIMARY KEY,
	uuid         TEXT NOT NULL UNIQUE,
	service      TEXT NOT NULL,
	version      TEXT NOT NULL,
	user_bucket  INTEGER NOT NULL,
	ci           INTEGER NOT NULL,
	started_us   INTEGER NOT NULL
) STRICT;

-- One recorded event. The newest row is never deleted, only emptied (name = ''), so that its id is never given out again.
CREATE TABLE event (
	id           INTEGER PRIMARY KEY,
	uuid         TEXT NOT NULL,
	session      INTEGER NOT NULL,
	seq          INTEGER NOT NULL,
	time_us      INTEGER NOT NULL,
	severity     TEXT NOT NULL,
	name         TEXT NOT NULL,
	consent      TEXT NOT NULL CHECK (consent IN ('on', 'local')),
	internal     INTEGER NOT NULL,
	route        TEXT,          -- the catalogue's sinks as a JSON array; NULL: the sinks' own lists decide
	traceparent  TEXT,
	properties   TEXT NOT NULL
) STRICT;

CREATE TRIGGER event_newest_stays BEFORE DELETE ON event
WHEN OLD.id = (SELECT max(id) FROM event)
BEGIN
	SELECT RAISE(ABORT, 'the newest event stays, so that its id is never used again');
END;

-- A destination: how far it has come (`cursor`: every event up to there was looked at), where its books
-- begin (`start`), and what its courier must remember over a restart.
CREATE TABLE sink (
	id               INTEGER PRIMARY KEY,
	name             TEXT NOT NULL UNIQUE,
	type             TEXT NOT NULL,
	start            INTEGER NOT NULL,
	cursor           INTEGER NOT NULL,
	ended_id         INTEGER,       -- newest id when the sink was removed; NULL while it is live
	paused           INTEGER NOT NULL DEFAULT 0,
	kind             TEXT NOT NULL DEFAULT '',
	reason           TEXT NOT NULL DEFAULT '',
	attempts         INTEGER NOT NULL DEFAULT 0,
	wait_us          INTEGER NOT NULL DEFAULT 0,
	saved_boot_us    INTEGER NOT NULL DEFAULT 0,
	boot_id          TEXT NOT NULL DEFAULT '',
	since_us         INTEGER NOT NULL DEFAULT 0,
	last_success_us  INTEGER NOT NULL DEFAULT 0,
	limit_bytes      INTEGER NOT NULL DEFAULT 0,
	ramp             INTEGER NOT NULL DEFAULT 0,
	streak           INTEGER NOT NULL DEFAULT 0,
	ambiguous        INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A frozen list of events (or of dead letters being retried) for one sink. While maybe_taken is 1 its id, its members and
-- its bytes stay as they are.
CREATE TABLE batch (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid         TEXT NOT NULL,
	sink         INTEGER NOT NULL REFERENCES sink (id),
	source       TEXT NOT NULL CHECK (source IN ('event', 'dead')),
	first        INTEGER NOT NULL,
	last         INTEGER NOT NULL,
	events       INTEGER NOT NULL,
	members      TEXT NOT NULL,  -- JSON array of ids, ascending
	claimed_us   INTEGER NOT NULL,
	encoder      INTEGER NOT NULL DEFAULT 0,
	digest       TEXT NOT NULL DEFAULT '',
	maybe_taken  INTEGER NOT NULL DEFAULT 0
) STRICT;

-- An event that a sink refused for good, with all that is needed to send it after all.
CREATE TABLE dead_letter (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	sink         INTEGER NOT NULL REFERENCES sink (id),
	died_us      INTEGER NOT NULL,
	status       INTEGER NOT NULL,
	reason       TEXT NOT NULL,
	answer       TEXT NOT NULL,
	weight       INTEGER NOT NULL DEFAULT 1,
	event        INTEGER NOT NULL,
	uuid         TEXT NOT NULL,
	session      TEXT NOT NULL,
	service      TEXT NOT NULL,
	version      TEXT NOT NULL,
	user_bucket  INTEGER NOT NULL,
	ci           INTEGER NOT NULL,
	seq          INTEGER NOT NULL,
	time_us      INTEGER NOT NULL,
	severity     TEXT NOT NULL,
	name         TEXT NOT NULL,
	internal     INTEGER NOT NULL,
	traceparent  TEXT,
	properties   TEXT NOT NULL
) STRICT;

-- The books, per sink: newest id - start = delivered + dead + dropped{reason} + unwanted + in batches + not looked at.
CREATE TABLE ledger_entry (
	sink    INTEGER NOT NULL REFERENCES sink (id),
	kind    TEXT NOT NULL CHECK (kind IN ('delivered', 'dead', 'dropped', 'unwanted')),
	reason  TEXT NOT NULL,
	events  INTEGER NOT NULL,
	PRIMARY KEY (sink, kind, reason)
) STRICT, WITHOUT ROWID;

-- Counts per minute, so that charts outlive delivery; 30 days of them.
CREATE TABLE history_entry (
	minute   INTEGER NOT NULL,   -- minutes since 1970 UTC
	sink     INTEGER NOT NULL,
	name     TEXT NOT NULL,
	outcome  TEXT NOT NULL CHECK (outcome IN ('delivered', 'dead', 'dropped')),
	events   INTEGER NOT NULL,
	PRIMARY KEY (minute, sink, name, outcome)
) STRICT, WITHOUT ROWID;

-- Where to look for the next event to give up when the queue is full: nothing of this severity up to `cursor`.
CREATE TABLE evict (
	severity  TEXT PRIMARY KEY,
	cursor    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Events that a rule refused before they got an id.
CREATE TABLE refused (
	reason   TEXT NOT NULL,
	name     TEXT NOT NULL,
	events   INTEGER NOT NULL,
	last_us  INTEGER NOT NULL,
	PRIMARY KEY (reason, name)
) STRICT, WITHOUT ROWID;

-- What befell the file: damage and what was salvaged.
CREATE TABLE incident (
	id       INTEGER PRIMARY KEY,
	time_us  INTEGER NOT NULL,
	text     TEXT NOT NULL
) STRICT;

INSERT INTO queue (only) VALUES (1);
INSERT INTO evict (severity, cursor)
VALUES ('trace', 0), ('debug', 0), ('info', 0), ('warn', 0), ('error', 0), ('fatal', 0);

-- ---- views: the usual questions ------------------------------------------------------------------------------

-- Every event that is still here, oldest first.
CREATE VIEW pending AS
SELECT e.id,
       strftime('%Y-%m-%dT%H:%M:%S', e.time_us / 1000000, 'unixepoch') || printf('.%03dZ', e.time_us / 1000 % 1000) AS time,
       e.severity, e.name, e.consent, e.properties, s.service, s.uuid AS session, e.seq, e.uuid
FROM event e LEFT JOIN session s ON s.id = e.session
WHERE e.name <> ''
ORDER BY e.id;

CREATE VIEW pending_by_name AS
SELECT name, count(*) AS events, min(id) AS first, max(id) AS last, sum(length(properties)) AS bytes
FROM event WHERE name <> '' GROUP BY name ORDER BY events DESC;

-- What is here, by the minute it happened in.
CREATE VIEW timeline AS
SELECT strftime('%Y-%m-%dT%H:%MZ', time_us / 1000000, 'unixepoch') AS minute, severity, name, count(*) AS events
FROM event WHERE name <> '' GROUP BY time_us / 60000000, severity, name ORDER BY time_us / 60000000;

-- Each sink, how far it has come and how it fares.
CREATE VIEW sinks AS
SELECT k.id, k.name, k.type,
       CASE WHEN k.ended_id IS NOT NULL THEN 'removed' WHEN k.paused THEN 'paused'
            WHEN k.attempts > 0 THEN 'waiting' ELSE 'well' END AS state,
       k.reason, k.attempts, k.wait_us / 1000000.0 AS wait_seconds,
       (SELECT count(*) FROM event e WHERE e.id > k.cursor AND e.name <> '' AND k.ended_id IS NULL) AS not_looked_at,
       (SELECT coalesce(sum(b.events), 0) FROM batch b WHERE b.sink = k.id) AS in_batches,
       datetime(nullif(k.last_success_us, 0) / 1000000, 'unixepoch') AS last_success
FROM sink k;

CREATE VIEW batches AS
SELECT b.id, b.uuid, k.name AS sink, b.source, b.events, b.first, b.last,
       CASE b.maybe_taken WHEN 1 THEN 'maybe taken' ELSE 'not taken' END AS answer,
       datetime(b.claimed_us / 1000000, 'unixepoch') AS claimed
FROM batch b JOIN sink k ON k.id = b.sink ORDER BY b.id;

-- What holds events back, with the reason.
CREATE VIEW stuck AS
SELECT k.name AS sink, k.kind, k.reason, datetime(nullif(k.since_us, 0) / 1000000, 'unixepoch') AS since,
       (SELECT count(*) FROM event e WHERE e.id > k.cursor AND e.name <> '' AND e.consent = 'on')
       + (SELECT coalesce(sum(b.events), 0) FROM batch b WHERE b.sink = k.id) AS events
FROM sink k WHERE k.ended_id IS NULL AND (k.paused OR k.attempts > 0);

CREATE VIEW dead_letters AS
SELECT d.id, k.name AS sink, datetime(d.died_us / 1000000, 'unixepoch') AS died, d.status, d.reason, d.name,
       d.properties, d.answer, d.uuid
FROM dead_letter d JOIN sink k ON k.id = d.sink ORDER BY d.id;

-- The books of each sink: `committed` equals the sum of the others, or something is wrong (flightrec verify).
CREATE VIEW ledger AS
SELECT k.name AS sink,
       coalesce(k.ended_id, (SELECT coalesce(max(id), 0) FROM event)) - k.start AS committed,
       (SELECT coalesce(sum(l.events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'delivered') AS delivered,
       (SELECT coalesce(sum(b.events), 0) FROM batch b WHERE b.sink = k.id)
       + (SELECT count(*) FROM event e WHERE e.id > k.cursor AND e.name <> '' AND k.ended_id IS NULL) AS queued,
       (SELECT coalesce(sum(l.events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'dead') AS dead,
       (SELECT coalesce(sum(l.events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'dropped') AS dropped,
       (SELECT coalesce(sum(l.events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'unwanted') AS unwanted
FROM sink k;

CREATE VIEW history AS
SELECT strftime('%Y-%m-%dT%H:%MZ', h.minute * 60, 'unixepoch') AS minute,
       coalesce(k.name, '') AS sink, h.name, h.outcome, h.events
FROM history_entry h LEFT JOIN sink k ON k.id = h.sink ORDER BY h.minute, h.name;

PRAGMA user_version = 1;

-- What the intake received and what it answered. Meant to be opened with the stock sqlite3 shell, also while
-- the intake runs: readable values, and views that answer the usual questions.
BEGIN IMMEDIATE;

PRAGMA application_id = 0x66724931; -- "frI1"
PRAGMA user_version = 1;

-- One row for each request that was meant as a delivery, in the order they were read.
CREATE TABLE request (
	id              INTEGER PRIMARY KEY,
	time_us         INTEGER NOT NULL, -- since 1970, UTC
	method          TEXT    NOT NULL,
	path            TEXT    NOT NULL,
	format          TEXT,             -- NULL: no such path
	status          INTEGER,          -- as answered; NULL: no answer was given
	accepted        INTEGER NOT NULL, -- 1: its events count as received, whatever was answered
	fault           TEXT,             -- what was made to go wrong
	reason          TEXT,             -- why it was turned away
	batch_id        TEXT,
	idempotency_key TEXT,
	replay          INTEGER NOT NULL, -- 1: the same batch was here before
	replay_accepted INTEGER NOT NULL, -- 1: ... and was accepted then
	replay_differs  INTEGER NOT NULL, -- 1: ... and had another body: a broken promise
	events          INTEGER NOT NULL,
	duplicates      INTEGER NOT NULL,
	rejected        INTEGER NOT NULL,
	encoding        TEXT,
	wire_bytes      INTEGER NOT NULL, -- of the body as it came
	headers         TEXT    NOT NULL, -- secrets are left out
	answer          TEXT    NOT NULL, -- the answer's body, its first 4 KiB
	body            BLOB    NOT NULL  -- decoded
) STRICT;

-- One row for each event id that was ever seen on a path: what came by two paths was meant for two receivers.
-- Its JSON is request.body from `at` for `length` bytes.
CREATE TABLE event (
	path     TEXT    NOT NULL,
	event_id TEXT    NOT NULL,
	name     TEXT    NOT NULL,
	session  TEXT    NOT NULL,
	seq      INTEGER,
	request  INTEGER NOT NULL, -- the first that carried it
	at       INTEGER NOT NULL,
	length   INTEGER NOT NULL,
	seen     INTEGER NOT NULL, -- how often it was carried here
	accepted INTEGER NOT NULL, -- how often it was accepted: more than once is a duplicate
	rejected INTEGER NOT NULL, -- how often it was rejected for itself
	PRIMARY KEY (event_id, path) -- ids differ early: cheaper to compare
) STRICT, WITHOUT ROWID;

-- One row for each batch: by its id where the format has one, else by the length and checksum of its body.
CREATE TABLE batch (
	path     TEXT    NOT NULL,
	key      TEXT    NOT NULL,
	request  INTEGER NOT NULL, -- the first that carried it; what comes later is compared with its body
	requests INTEGER NOT NULL,
	accepted INTEGER NOT NULL,
	PRIMARY KEY (key, path)
) STRICT, WITHOUT ROWID;

-- Every event with its JSON.
CREATE VIEW events AS
SELECT event.path, event.event_id, event.name, event.session, event.seq, event.accepted, event.rejected, event.seen,
       CAST(substr(request.body, event.at + 1, event.length) AS TEXT) AS json
FROM event JOIN request ON request.id = event.request;

-- Sessions of which something is missing between their first event, 0, and the last that arrived.
CREATE VIEW gaps AS
SELECT path, session, max(seq) + 1 - count(DISTINCT seq) AS missing
FROM event
WHERE accepted > 0 AND seq IS NOT NULL
GROUP BY path, session
HAVING missing > 0;

-- The requests without their bodies, times readable.
CREATE VIEW requests AS
SELECT id, strftime('%Y-%m-%dT%H:%M:%fZ', time_us / 1e6, 'unixepoch') AS time, path, status, accepted, fault,
       reason, events, duplicates, rejected, replay, replay_differs, batch_id, encoding, wire_bytes,
       length(body) AS bytes
FROM request;

COMMIT;

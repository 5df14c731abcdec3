-- What left this machine, and when.

-- A request that its sink has answered for good. The oldest rows go first; `end_bytes` counts the bytes of this row and of
-- all before it, so that nobody has to add them up to know which ones are over the bound.
CREATE TABLE sent_entry (
	id         INTEGER PRIMARY KEY,
	sink       INTEGER NOT NULL,
	batch      TEXT NOT NULL,      -- the id that the receiver was given
	time_us    INTEGER NOT NULL,   -- when the answer was booked
	status     INTEGER NOT NULL,   -- HTTP status; 0 where there is none
	events     INTEGER NOT NULL,   -- in the request
	accepted   INTEGER NOT NULL,   -- of these
	bytes      INTEGER NOT NULL,   -- of the body, before compression
	names      TEXT NOT NULL,      -- {"name":events,...}
	body       TEXT,               -- privacy.keep_sent is "bodies"
	end_bytes  INTEGER NOT NULL
) STRICT;

CREATE VIEW sent AS
SELECT s.id,
       strftime('%Y-%m-%dT%H:%M:%S', s.time_us / 1000000, 'unixepoch') || printf('.%03dZ', s.time_us / 1000 % 1000) AS time,
       coalesce(k.name, '') AS sink, s.status, s.events, s.accepted, s.bytes, s.names, s.batch, s.body
FROM sent_entry s LEFT JOIN sink k ON k.id = s.sink ORDER BY s.id;

PRAGMA user_version = 4;

-- Dead letters that died together, and dead letters that are asked for again.

-- The batch in whose answer this letter and others of the same number died when nobody knows which of them were refused:
-- the sum of their weights is how many. NULL: this very event was refused.
ALTER TABLE dead_letter ADD COLUMN bundle INTEGER;
-- The catalogue's sinks, as the event had them.
ALTER TABLE dead_letter ADD COLUMN route TEXT;
-- How many of the members of a batch of dead letters count; NULL: all.
ALTER TABLE batch ADD COLUMN weight INTEGER;

CREATE INDEX dead_letter_bundle ON dead_letter (bundle) WHERE bundle IS NOT NULL;

-- Letters that somebody asked to be sent again, until they are in a batch.
CREATE TABLE dead_retry (
	sink      INTEGER NOT NULL,
	letter    INTEGER NOT NULL,
	asked_us  INTEGER NOT NULL,
	PRIMARY KEY (sink, letter)
) STRICT, WITHOUT ROWID;

-- About the bytes of all dead letters, for their bound: adding them up each time would take longer with each letter.
ALTER TABLE queue ADD COLUMN dead_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE queue SET dead_bytes = (SELECT coalesce(sum(length(properties) + length(answer) + 512), 0) FROM dead_letter);
CREATE TRIGGER dead_letter_comes AFTER INSERT ON dead_letter
BEGIN
	UPDATE queue SET dead_bytes = dead_bytes + length(NEW.properties) + length(NEW.answer) + 512;
END;
CREATE TRIGGER dead_letter_changes AFTER UPDATE OF properties, answer ON dead_letter
BEGIN
	UPDATE queue SET dead_bytes = dead_bytes + length(NEW.properties) + length(NEW.answer)
	                              - length(OLD.properties) - length(OLD.answer);
END;
CREATE TRIGGER dead_letter_goes AFTER DELETE ON dead_letter
BEGIN
	UPDATE queue SET dead_bytes = dead_bytes - length(OLD.properties) - length(OLD.answer) - 512;
END;

-- What a sink refused for good. `refused` says of which events that is known: of this one, or of k of n that were sent
-- together.
DROP VIEW dead_letters;
CREATE VIEW dead_letters AS
SELECT d.id, k.name AS sink, datetime(d.died_us / 1000000, 'unixepoch') AS died, d.status, d.reason, d.name,
       d.properties, d.answer, d.uuid,
       CASE WHEN d.bundle IS NULL THEN 'this event' ELSE printf('%d of the %d in bundle %d', g.lost, g.events, d.bundle) END AS refused,
       datetime(r.asked_us / 1000000, 'unixepoch') AS asked_for
FROM dead_letter d JOIN sink k ON k.id = d.sink
     LEFT JOIN (SELECT bundle, sum(weight) AS lost, count(*) AS events FROM dead_letter
                WHERE bundle IS NOT NULL GROUP BY bundle) g ON g.bundle = d.bundle
     LEFT JOIN dead_retry r ON r.sink = d.sink AND r.letter = d.id
ORDER BY d.id;

-- The books of each sink: `committed` equals the sum of the others, or something is wrong (flightrec verify).
DROP VIEW ledger;
CREATE VIEW ledger AS
SELECT k.name AS sink,
       coalesce(k.ended_id, (SELECT coalesce(max(id), 0) FROM event)) - k.start AS committed,
       (SELECT coalesce(sum(l.events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'delivered') AS delivered,
       (SELECT coalesce(sum(coalesce(b.weight, b.events)), 0) FROM batch b WHERE b.sink = k.id)
       + (SELECT count(*) FROM event e WHERE e.id > k.cursor AND e.name <> '' AND k.ended_id IS NULL) AS queued,
       (SELECT coalesce(sum(l.events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'dead') AS dead,
       (SELECT coalesce(sum(l.events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'dropped') AS dropped,
       (SELECT coalesce(sum(l.events), 0) FROM ledger_entry l WHERE l.sink = k.id AND l.kind = 'unwanted') AS unwanted
FROM sink k;

PRAGMA user_version = 2;

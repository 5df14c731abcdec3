-- Ids go on behind every id that is mentioned anywhere; what belongs to a sink that was lost itself goes with it.
DELETE FROM batch WHERE sink NOT IN (SELECT id FROM sink);
DELETE FROM dead_letter WHERE sink NOT IN (SELECT id FROM sink);
DELETE FROM ledger_entry WHERE sink NOT IN (SELECT id FROM sink);
INSERT INTO event (id, uuid, session, seq, time_us, severity, name, consent, internal, properties)
SELECT newest, '', 0, 0, 0, '', '', 'on', 0, ''
FROM (SELECT max((SELECT max(swept, gone) FROM queue), (SELECT coalesce(max(cursor), 0) FROM sink), (SELECT coalesce(max(ended_id), 0) FROM sink),
                 (SELECT coalesce(max(last), 0) FROM batch WHERE source = 'event'), (SELECT coalesce(max(event), 0) FROM dead_letter)) AS newest)
WHERE newest > (SELECT coalesce(max(id), 0) FROM event);
DELETE FROM event WHERE name = '' AND id < (SELECT max(id) FROM event);

-- The newest id that was given out, without its event.
INSERT OR IGNORE INTO event (id, uuid, session, seq, time_us, severity, name, consent, internal, properties)
VALUES (?1, '', 0, 0, 0, '', '', 'on', 0, '')

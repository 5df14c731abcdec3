-- Carries the newest id over into a new file, so that no id is used twice.
INSERT INTO event (id, uuid, session, seq, time_us, severity, name, consent, internal, properties) VALUES (?1, '', 0, 0, 0, '', '', 'on', 0, '')

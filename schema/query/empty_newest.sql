-- The newest row has left too: its text goes, its id stays.
UPDATE event SET uuid = '', session = 0, seq = 0, time_us = 0, severity = '', name = '', route = NULL, traceparent = NULL, properties = ''
WHERE id = ?1 AND name <> ''

-- A new destination; its books begin in start_sink.
INSERT INTO sink (name, type, start, cursor) VALUES (?1, ?2, 0, 0) RETURNING id

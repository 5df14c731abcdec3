-- Notes a request that was answered for good. ?10 is about what this row takes.
INSERT INTO sent_entry (sink, batch, time_us, status, events, accepted, bytes, names, body, end_bytes)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 + coalesce((SELECT end_bytes FROM sent_entry ORDER BY id DESC LIMIT 1), 0))

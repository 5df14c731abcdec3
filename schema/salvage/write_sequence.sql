-- Before the first of them is written.
INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)

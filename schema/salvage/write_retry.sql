-- One of them.
INSERT OR IGNORE INTO dead_retry VALUES (?1, ?2, ?3)

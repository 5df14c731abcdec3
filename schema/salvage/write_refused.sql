-- One count.
INSERT OR IGNORE INTO refused VALUES (?1, ?2, ?3, ?4)

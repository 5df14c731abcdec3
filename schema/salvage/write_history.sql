-- One count.
INSERT OR IGNORE INTO history_entry VALUES (?1, ?2, ?3, ?4, ?5)

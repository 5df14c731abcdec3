-- One earlier mishap.
INSERT OR IGNORE INTO incident (time_us, text) VALUES (?1, ?2)

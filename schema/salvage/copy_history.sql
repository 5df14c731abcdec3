-- Counts per minute.
INSERT OR IGNORE INTO main.history_entry SELECT * FROM damaged.history_entry

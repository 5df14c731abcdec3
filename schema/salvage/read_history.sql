-- Counts per minute.
SELECT * FROM history_entry

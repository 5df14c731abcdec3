-- Keeps 30 days.
DELETE FROM history_entry WHERE minute < ?1

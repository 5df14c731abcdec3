-- Keeps 30 days, and no more than ?2 lines: the oldest minutes go first.
DELETE FROM history_entry
WHERE minute < max(?1, coalesce((SELECT minute + 1 FROM history_entry ORDER BY minute DESC LIMIT 1 OFFSET ?2), 0))

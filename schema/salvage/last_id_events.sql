-- The newest event row.
SELECT coalesce(max(id), 0) FROM event

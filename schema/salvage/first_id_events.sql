-- The oldest event row.
SELECT coalesce(min(id), 0) FROM event

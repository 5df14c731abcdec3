-- The newest id ever given out: the newest row is never deleted.
SELECT coalesce(max(id), 0) FROM event

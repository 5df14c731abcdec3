-- No cursor is ahead of the newest id.
SELECT coalesce(max(cursor), 0) FROM sink

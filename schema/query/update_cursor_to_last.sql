-- After a purge there is nothing left to look at.
UPDATE sink SET cursor = (SELECT coalesce(max(id), 0) FROM event) WHERE ended_id IS NULL

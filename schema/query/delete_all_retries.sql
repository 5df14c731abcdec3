-- With a purge.
DELETE FROM dead_retry

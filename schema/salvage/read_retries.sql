-- Dead letters that are asked for.
SELECT * FROM dead_retry

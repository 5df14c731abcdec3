-- The numbers that batches and dead letters have had.
SELECT name, seq FROM sqlite_sequence

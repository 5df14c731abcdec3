-- Batch rows are numbered once and for all; the next number goes into the next batch's id.
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'batch'), 0) + 1

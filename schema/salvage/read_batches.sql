-- Frozen batches: a resend must carry the same id and bytes.
SELECT * FROM batch ORDER BY id

-- Frozen batches: a resend must carry the same id and bytes.
INSERT OR IGNORE INTO main.batch SELECT * FROM damaged.batch

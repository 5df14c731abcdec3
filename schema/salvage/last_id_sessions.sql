-- Rows swept and gone add up to ids given out.
SELECT max(swept, gone) FROM queue

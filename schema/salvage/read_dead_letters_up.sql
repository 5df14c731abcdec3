-- Dead letters.
SELECT * FROM dead_letter ORDER BY id

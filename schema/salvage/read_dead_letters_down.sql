-- The same from the other end, when there is damage in between.
SELECT * FROM dead_letter ORDER BY id DESC

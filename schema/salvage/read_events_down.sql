-- The same from the other end, when there is damage in between.
SELECT * FROM event ORDER BY id DESC

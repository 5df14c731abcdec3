-- The same from the other end, when there is damage in between.
SELECT * FROM session ORDER BY id DESC

-- Earlier mishaps.
SELECT time_us, text FROM incident ORDER BY id

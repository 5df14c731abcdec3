-- The last mishap.
SELECT time_us, text FROM incident ORDER BY id DESC LIMIT 1

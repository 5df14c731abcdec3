-- What was sent.
SELECT * FROM sent_entry ORDER BY id

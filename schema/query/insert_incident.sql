-- What befell the file.
INSERT INTO incident (time_us, text) VALUES (?1, ?2)

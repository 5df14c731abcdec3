-- Who may write; once, when the file is made.
INSERT INTO meta (only, min_writer, created_us) VALUES (1, ?1, ?2)

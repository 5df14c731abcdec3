-- Who may write this file.
SELECT min_writer FROM meta

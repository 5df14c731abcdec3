-- With a purge, and where nothing of it is to be kept.
DELETE FROM sent_entry

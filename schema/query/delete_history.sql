-- With a purge: names are words about the user too.
DELETE FROM history_entry

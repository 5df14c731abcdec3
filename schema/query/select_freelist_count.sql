-- Pages that are free to be used again.
PRAGMA freelist_count

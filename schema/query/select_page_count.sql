-- Pages of the file, those only in the WAL included.
PRAGMA page_count

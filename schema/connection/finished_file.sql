-- The last thing that is done to a new file: from now on everybody uses its write-ahead log.
PRAGMA journal_mode = WAL;

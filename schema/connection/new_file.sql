-- Before the first table: page_size and auto_vacuum cannot be changed later. Nobody else sees the file yet, and it is
-- flushed as a whole when it is done.
PRAGMA synchronous = OFF;
PRAGMA journal_mode = MEMORY;
PRAGMA page_size = 4096;
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = 0x464c5452;

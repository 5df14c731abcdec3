-- A commit waits for the disk.
PRAGMA synchronous = FULL;
PRAGMA fullfsync = 1;

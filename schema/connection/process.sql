-- A commit survives the death of every process.
PRAGMA synchronous = NORMAL;
PRAGMA fullfsync = 0;

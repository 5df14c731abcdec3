-- A trying-out tool may lose its last moments to a power cut, but not to the death of the process.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16384;
PRAGMA trusted_schema = OFF;

-- A private database without a name, which SQLite spills to a file when it grows and which ends with us.
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -65536;
PRAGMA trusted_schema = OFF;

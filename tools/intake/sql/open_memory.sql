-- In memory, as a file of SQLite's memdb: a database called ":memory:" walks all its pages at every commit.
PRAGMA journal_mode = MEMORY;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16384;
PRAGMA trusted_schema = OFF;

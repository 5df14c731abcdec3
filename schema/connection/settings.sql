-- What builds of SQLite differ in, or what protects us from a hostile file. Checkpoints run only under the lock file.
PRAGMA checkpoint_fullfsync = 1;
PRAGMA wal_autocheckpoint = 0;
PRAGMA secure_delete = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA mmap_size = 0;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -512;

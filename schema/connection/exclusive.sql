-- A copy that nobody else opens: its -wal is read without a -shm.
PRAGMA locking_mode = EXCLUSIVE;

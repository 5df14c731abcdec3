-- Every finding of SQLite's own check, at most ten.
PRAGMA integrity_check(10)

-- Which migrations it has seen.
PRAGMA user_version

-- The SQLite that this program runs with, and the version of the file.
SELECT sqlite_version(), (SELECT user_version FROM pragma_user_version)

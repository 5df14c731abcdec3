-- Everything that was ever created in the file, to be compared with what should be there.
SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name

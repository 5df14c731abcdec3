-- How all of it was declared, with the comments.
SELECT sql || ';' AS sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid

-- A sink that is or once was.
SELECT id, ended_id IS NOT NULL, cursor FROM sink WHERE name = ?1

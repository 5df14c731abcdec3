-- Sessions without events; run once in a thousand new sessions, since it reads the whole table.
DELETE FROM session WHERE id <> ?1 AND id NOT IN (SELECT session FROM event)

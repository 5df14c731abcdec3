-- With a purge: the copies that they name are deleted with it.
DELETE FROM incident

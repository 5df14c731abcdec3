-- With a purge.
DELETE FROM refused

-- Everything but the newest row.
DELETE FROM event WHERE id < ?1

-- Emptied rows that are not the newest any more; they were counted when they left.
DELETE FROM event WHERE id BETWEEN ?1 AND ?2 AND name = '' AND id < (SELECT max(id) FROM event)

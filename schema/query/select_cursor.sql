-- How far a live sink has looked.
SELECT cursor FROM sink WHERE id = ?1 AND ended_id IS NULL

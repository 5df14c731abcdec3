-- How far a live sink has looked; 0 is one that the queue has not met: it will begin behind what was swept.
SELECT cursor FROM sink WHERE id = ?1 AND ended_id IS NULL UNION ALL SELECT swept FROM queue WHERE ?1 = 0

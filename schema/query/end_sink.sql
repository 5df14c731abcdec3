-- A removed sink holds nothing back any more; its books stop at the newest id.
UPDATE sink SET ended_id = (SELECT coalesce(max(id), 0) FROM event), cursor = (SELECT coalesce(max(id), 0) FROM event),
       paused = 0, attempts = 0, wait_us = 0, kind = '', reason = ''
WHERE id = ?1

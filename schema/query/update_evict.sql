-- Nothing of this severity may go up to here.
UPDATE evict SET cursor = ?2 WHERE severity = ?1

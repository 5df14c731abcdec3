-- Finished, split or dissolved.
DELETE FROM batch WHERE id = ?1

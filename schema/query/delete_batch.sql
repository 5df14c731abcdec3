-- Finished, split or dissolved. In another file than the one it was claimed from, its number may be another batch's.
DELETE FROM batch WHERE id = ?1 AND uuid = ?2

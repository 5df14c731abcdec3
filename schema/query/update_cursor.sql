-- Every event up to here was looked at.
UPDATE sink SET cursor = ?2 WHERE id = ?1

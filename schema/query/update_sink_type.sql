-- Another format under the same name: what a 413 taught was about the former one.
UPDATE sink SET limit_bytes = CASE WHEN type = ?2 THEN limit_bytes ELSE 0 END, type = ?2 WHERE id = ?1

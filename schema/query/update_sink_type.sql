-- Another format under the same name.
UPDATE sink SET type = ?2 WHERE id = ?1

-- A retried dead letter that was delivered.
DELETE FROM dead_letter WHERE id = ?1

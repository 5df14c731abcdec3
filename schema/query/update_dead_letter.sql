-- A retried dead letter that was refused again.
UPDATE dead_letter SET died_us = ?2, status = ?3, reason = ?4, answer = ?5, weight = ?6, bundle = nullif(?7, 0) WHERE id = ?1

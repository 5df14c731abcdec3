-- A definite refusal: it was not taken.
UPDATE batch SET maybe_taken = 0 WHERE id = ?1 AND uuid = ?2

-- From now on it may have been taken, and these are its bytes.
UPDATE batch SET encoder = ?3, digest = ?4, maybe_taken = 1 WHERE id = ?1 AND uuid = ?2

-- From now on it may have been taken, and these are its bytes.
UPDATE batch SET encoder = ?2, digest = ?3, maybe_taken = 1 WHERE id = ?1

-- What may have been taken goes first, so that no second batch joins it; then the oldest; both before anything new.
SELECT id FROM batch WHERE sink = ?1 ORDER BY maybe_taken DESC, first, id LIMIT ?2

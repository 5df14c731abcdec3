-- Oldest first: they go before anything new.
SELECT id FROM batch WHERE sink = ?1 ORDER BY first, id LIMIT ?2

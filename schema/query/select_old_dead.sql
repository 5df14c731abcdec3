-- Dead letters that died before ?1, no more than ?2 of them; of a bundle its first event.
SELECT d.id FROM dead_letter d
WHERE d.died_us < ?1 AND (d.bundle IS NULL OR d.id = (SELECT min(o.id) FROM dead_letter o WHERE o.bundle = d.bundle))
ORDER BY d.id LIMIT ?2

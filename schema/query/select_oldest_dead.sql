-- The oldest dead letter that is not on its way out again, and of a bundle none: it goes as a whole.
WITH leaving (id) AS (SELECT m.value FROM batch b, json_each(b.members) m WHERE b.source = 'dead')
SELECT d.id FROM dead_letter d
WHERE d.id NOT IN leaving
  AND (d.bundle IS NULL
       OR d.bundle NOT IN (SELECT o.bundle FROM dead_letter o WHERE o.id IN leaving AND o.bundle IS NOT NULL))
ORDER BY d.id LIMIT 1

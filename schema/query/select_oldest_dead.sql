-- The oldest dead letter that is not on its way out again.
SELECT d.id FROM dead_letter d
WHERE NOT EXISTS (SELECT 1 FROM batch b WHERE b.source = 'dead' AND d.id BETWEEN b.first AND b.last
                  AND d.id IN (SELECT value FROM json_each(b.members)))
ORDER BY d.id LIMIT 1

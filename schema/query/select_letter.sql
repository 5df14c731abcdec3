-- A dead letter, or the bundle it is of: where it is from, what it holds, whether some of it is on its way out again.
SELECT d.sink, k.ended_id IS NOT NULL, coalesce(max(d.bundle), 0), count(*), sum(d.weight),
       sum(length(d.properties) + length(d.answer) + 512),
       max(EXISTS (SELECT 1 FROM batch b WHERE b.source = 'dead' AND d.id BETWEEN b.first AND b.last
                   AND d.id IN (SELECT value FROM json_each(b.members))))
FROM dead_letter d JOIN sink k ON k.id = d.sink
WHERE d.id = ?1 OR d.bundle = (SELECT bundle FROM dead_letter WHERE id = ?1)

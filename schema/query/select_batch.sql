-- One open batch; the last column is what the dead letters in it that are still here weigh.
SELECT uuid, sink, source, members, claimed_us, encoder, digest, maybe_taken, events, coalesce(weight, events),
       CASE source WHEN 'dead' THEN (SELECT coalesce(sum(d.weight), 0) FROM dead_letter d WHERE d.id IN (SELECT value FROM json_each(members))) END
FROM batch WHERE id = ?1

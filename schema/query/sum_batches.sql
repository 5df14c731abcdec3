-- What counts in a sink's open batches, by source.
SELECT coalesce(sum(coalesce(weight, events)), 0) FROM batch WHERE sink = ?1 AND source = ?2

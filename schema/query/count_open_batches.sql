-- Batches of a sink whose answer is still to come or to be acted on.
SELECT count(*) FROM batch WHERE sink = ?1

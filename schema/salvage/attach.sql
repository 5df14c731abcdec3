-- The damaged copy, beside the new queue.
ATTACH DATABASE ?1 AS damaged

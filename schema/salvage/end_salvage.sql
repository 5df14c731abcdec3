-- The new queue has what could be read.
COMMIT

-- What could not be stored was not received.
ROLLBACK;

-- One row leaves by a limit; booked by the caller.
DELETE FROM event WHERE id = ?1

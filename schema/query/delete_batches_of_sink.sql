-- When a sink is removed or everything is purged; booked by the caller.
DELETE FROM batch WHERE sink = ?1

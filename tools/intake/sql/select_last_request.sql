-- Ids go on where an earlier run of the intake stopped.
SELECT coalesce(max(id), 0) FROM request;

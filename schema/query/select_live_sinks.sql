-- The sinks that hold rows back.
SELECT id, name, cursor FROM sink WHERE ended_id IS NULL

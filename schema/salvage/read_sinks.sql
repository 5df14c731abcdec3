-- Sinks, live and ended, with their retry state.
SELECT * FROM sink ORDER BY id

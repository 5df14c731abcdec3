-- Counts an event that a rule refused; past a thousand lines it goes to the line of the others, so that nothing is uncounted.
WITH line (is_own) AS (
	SELECT (SELECT count(*) FROM refused) < 1000 OR EXISTS (SELECT 1 FROM refused WHERE reason = ?1 AND name = ?2))
INSERT INTO refused (reason, name, events, last_us)
SELECT iif(is_own, ?1, 'many_names'), iif(is_own, ?2, '(others)'), ?4, ?3 FROM line WHERE true
ON CONFLICT (reason, name) DO UPDATE SET events = events + excluded.events, last_us = excluded.last_us

-- Counts events of one name and outcome in a minute. Past 200 lines a minute, further names are counted together.
INSERT INTO history_entry (minute, sink, name, outcome, events)
VALUES (?1, ?2, CASE WHEN (SELECT count(*) FROM history_entry WHERE minute = ?1) < 200
                       OR EXISTS (SELECT 1 FROM history_entry WHERE minute = ?1 AND sink = ?2 AND name = ?3 AND outcome = ?4)
                     THEN ?3 ELSE '(other names)' END, ?4, ?5)
ON CONFLICT (minute, sink, name, outcome) DO UPDATE SET events = events + excluded.events

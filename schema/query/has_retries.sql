-- Is any dead letter of a sink asked for?
SELECT EXISTS (SELECT 1 FROM dead_retry r JOIN dead_letter d ON d.id = r.letter WHERE r.sink = ?1)

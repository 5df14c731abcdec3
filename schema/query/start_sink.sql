-- Begins (or begins again) a sink behind ?2: start is chosen so that the books balance with what they hold.
UPDATE sink SET type = ?3, ended_id = NULL, cursor = ?2, paused = 0, kind = '', reason = '', attempts = 0, wait_us = 0, since_us = 0,
       limit_bytes = 0,
       start = (SELECT coalesce(max(id), 0) FROM event)
             - (SELECT count(*) FROM event WHERE id > ?2 AND name <> '')
             - (SELECT coalesce(sum(events), 0) FROM ledger_entry WHERE sink = ?1)
WHERE id = ?1

-- What waits behind a cursor, looking at no more than ?2 rows: rows seen, sendable ones, the oldest of those.
SELECT count(*), coalesce(sum(consent = 'on'), 0), coalesce(min(CASE consent WHEN 'on' THEN time_us END), 0)
FROM (SELECT consent, time_us FROM event WHERE id > (SELECT cursor FROM sink WHERE id = ?1) AND name <> '' ORDER BY id LIMIT ?2)

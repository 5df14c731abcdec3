-- May each of the next ?2 rows behind a cursor be sent? Counted by the caller: SQL's sums take four times as long.
SELECT consent = 'on' FROM event WHERE id > (SELECT cursor FROM sink WHERE id = ?1) AND name <> '' ORDER BY id LIMIT ?2

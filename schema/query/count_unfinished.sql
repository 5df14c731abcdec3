-- What a sink has not finished behind its cursor: recorded under on, and under local.
SELECT coalesce(sum(consent = 'on'), 0), coalesce(sum(consent <> 'on'), 0) FROM event
WHERE id > (SELECT cursor FROM sink WHERE id = ?1) AND name <> ''

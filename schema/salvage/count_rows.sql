-- Was anything readable?
SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM sink) + (SELECT count(*) FROM session) + (SELECT swept + gone FROM queue)

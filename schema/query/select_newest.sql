-- Is the newest row a real event, and was it recorded under on?
SELECT id, name <> '', consent = 'on', uuid FROM event ORDER BY id DESC LIMIT 1

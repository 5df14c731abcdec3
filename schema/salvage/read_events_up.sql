-- Events, the emptied newest one too: it carries the newest id.
SELECT * FROM event ORDER BY id

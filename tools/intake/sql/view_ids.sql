-- GET /events?ids=1: every accepted event id on a line, for comparing with what was sent.
SELECT event_id FROM event WHERE accepted > 0 ORDER BY event_id;

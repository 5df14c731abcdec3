-- GET /events?ids=1: every accepted event id on a line, for comparing with what was sent. ?1: of this path only.
SELECT DISTINCT event_id FROM event
WHERE accepted > 0 AND path = coalesce(?1, path)
ORDER BY event_id;

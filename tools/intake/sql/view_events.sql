-- GET /events: every accepted event as it came, in the order of first arrival. ?1: of this path only.
SELECT CAST(substr(request.body, event.at + 1, event.length) AS TEXT)
FROM event JOIN request ON request.id = event.request
WHERE event.accepted > 0 AND event.path = coalesce(?1, event.path)
ORDER BY event.request, event.at;

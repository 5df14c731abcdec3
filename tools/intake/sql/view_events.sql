-- GET /events: every accepted event as it came, in the order of first arrival.
SELECT CAST(substr(request.body, event.at + 1, event.length) AS TEXT)
FROM event JOIN request ON request.id = event.request
WHERE event.accepted > 0
ORDER BY event.request, event.at;

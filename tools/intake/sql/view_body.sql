-- GET /requests/N/body: the exact decoded bytes.
SELECT body FROM request WHERE id = ?1;

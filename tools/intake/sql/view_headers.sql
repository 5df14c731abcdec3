-- GET /requests/N/headers: as they came, secrets left out.
SELECT headers FROM request WHERE id = ?1;

-- A request carried this batch.
INSERT INTO batch (path, key, request, requests, accepted) VALUES (?1, ?2, ?3, 1, ?4)
ON CONFLICT DO UPDATE SET requests = requests + 1, accepted = accepted + excluded.accepted;

-- A request carried this batch.
INSERT INTO batch (key, request, requests, accepted) VALUES (?1, ?2, 1, ?3)
ON CONFLICT DO UPDATE SET requests = requests + 1, accepted = accepted + excluded.accepted;

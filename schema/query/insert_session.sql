-- A run of a host program, at its first event.
INSERT INTO session (uuid, service, version, user_bucket, ci, started_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (uuid) DO UPDATE SET service = excluded.service
RETURNING id

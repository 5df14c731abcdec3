-- A request and the answer it is about to be given.
INSERT INTO request (id, time_us, method, path, format, status, accepted, fault, reason, batch_id,
                     idempotency_key, replay, replay_accepted, replay_differs, events, duplicates,
                     rejected, encoding, wire_bytes, headers, answer, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22);

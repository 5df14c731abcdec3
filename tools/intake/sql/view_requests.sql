-- GET /requests: what came and what was answered, one JSON object a line. ?1: of this path only.
SELECT json_object(
	'id', id, 'time_us', time_us, 'method', method, 'path', path, 'format', format, 'status', status,
	'accepted', json(iif(accepted, 'true', 'false')), 'fault', fault, 'reason', reason, 'batch_id', batch_id,
	'idempotency_key', idempotency_key, 'replay', json(iif(replay, 'true', 'false')),
	'replay_differs', json(iif(replay_differs, 'true', 'false')), 'events', events, 'duplicates', duplicates,
	'rejected', rejected, 'encoding', encoding, 'wire_bytes', wire_bytes, 'bytes', length(body),
	'answer', answer)
FROM request WHERE path = coalesce(?1, path) ORDER BY id;

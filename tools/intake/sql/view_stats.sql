-- GET /stats: the counts, for programs. ?1: of this path only.
WITH total AS (
	SELECT count(*) AS requests,
	       coalesce(sum(accepted), 0) AS accepted_requests,
	       coalesce(sum(reason IS NOT NULL), 0) AS refused_requests,
	       coalesce(sum(fault IS NOT NULL), 0) AS faulted_requests,
	       coalesce(sum(iif(accepted, events - rejected, 0)), 0) AS received,
	       coalesce(sum(duplicates), 0) AS duplicates,
	       coalesce(sum(rejected), 0) AS rejected,
	       coalesce(sum(replay), 0) AS replays,
	       coalesce(sum(replay_accepted), 0) AS replays_accepted,
	       coalesce(sum(replay_differs), 0) AS replays_differ,
	       coalesce(sum(wire_bytes), 0) AS wire_bytes
	FROM request WHERE path = coalesce(?1, path))
SELECT json_object(
	'requests', requests,
	'accepted_requests', accepted_requests,
	'failed_requests', requests - accepted_requests,
	'refused_requests', refused_requests,
	'faulted_requests', faulted_requests,
	'events_received', received,
	'events_distinct', received - duplicates,
	'duplicate_events', duplicates,
	'rejected_events', rejected,
	'unaccepted_events', (SELECT count(*) FROM event WHERE accepted = 0 AND path = coalesce(?1, path)),
	'replayed_batches', replays,
	'replays_accepted', replays_accepted,
	'replays_different', replays_differ,
	'gaps', (SELECT coalesce(sum(missing), 0) FROM gaps WHERE path = coalesce(?1, path)),
	'wire_bytes', wire_bytes,
	'last_status', (SELECT status FROM request WHERE path = coalesce(?1, path) ORDER BY id DESC LIMIT 1),
	'by_name', json((
		SELECT json_group_object(name, n) FROM (
			SELECT name, count(*) AS n FROM event
			WHERE accepted > 0 AND path = coalesce(?1, path)
			GROUP BY name ORDER BY name))),
	'by_path', json((
		SELECT json_group_object(path, n) FROM (
			SELECT path, count(*) AS n FROM request
			WHERE path = coalesce(?1, path)
			GROUP BY path ORDER BY path))),
	'by_status', json((
		SELECT json_group_object(answer, n) FROM (
			SELECT coalesce(status, 'none') AS answer, count(*) AS n FROM request
			WHERE path = coalesce(?1, path)
			GROUP BY answer ORDER BY answer))))
FROM total;

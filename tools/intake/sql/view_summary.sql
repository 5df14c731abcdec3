-- GET / and the last words: the counts, for people. ?1: of this path only.
WITH total AS (
	SELECT count(*) AS requests,
	       coalesce(sum(accepted), 0) AS accepted_requests,
	       coalesce(sum(iif(accepted, events - rejected, 0)), 0) AS received,
	       coalesce(sum(duplicates), 0) AS duplicates,
	       coalesce(sum(rejected), 0) AS rejected,
	       coalesce(sum(replay), 0) AS replays,
	       coalesce(sum(replay_accepted), 0) AS replays_accepted,
	       coalesce(sum(replay_differs), 0) AS replays_differ,
	       coalesce(sum(wire_bytes), 0) AS wire_bytes
	FROM request WHERE path = coalesce(?1, path)),
line (place, rank, text) AS (
	SELECT 0, 0, printf('requests  %,10d   accepted %,d, bytes on the wire %,d',
	                    requests, accepted_requests, wire_bytes)
	FROM total
	UNION ALL
	SELECT 1, 0, printf('events    %,10d   different %,d, duplicates %,d, rejected %,d',
	                    received, received - duplicates, duplicates, rejected)
	FROM total
	UNION ALL
	SELECT 2, 0, printf('replays   %,10d   of accepted batches %,d, with ANOTHER BODY %,d',
	                    replays, replays_accepted, replays_differ)
	FROM total WHERE replays > 0
	UNION ALL
	SELECT 3, 0, printf('missing   %,10d   between 0 and the last seq of their sessions', sum(missing))
	FROM gaps WHERE path = coalesce(?1, path) HAVING sum(missing) > 0
	UNION ALL
	SELECT 4, -n, printf('answered  %,10d   %s', n, status)
	FROM (SELECT coalesce(status, 'nothing') AS status, count(*) AS n FROM request
	      WHERE path = coalesce(?1, path) GROUP BY 1)
	UNION ALL
	SELECT 5, -n, printf('named     %,10d   %s', n, name)
	FROM (SELECT name, count(*) AS n FROM event
	      WHERE accepted > 0 AND path = coalesce(?1, path) GROUP BY name ORDER BY n DESC LIMIT 20))
SELECT text FROM line ORDER BY place, rank, text;

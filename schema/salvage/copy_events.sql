-- Events of a range of ids, the emptied newest one left out; the row that carries the newest id over becomes itself again.
INSERT INTO main.event SELECT * FROM damaged.event WHERE id BETWEEN ?1 AND ?2 AND name <> ''
ON CONFLICT (id) DO UPDATE SET
	uuid = excluded.uuid, session = excluded.session, seq = excluded.seq, time_us = excluded.time_us,
	severity = excluded.severity, name = excluded.name, consent = excluded.consent, internal = excluded.internal,
	route = excluded.route, traceparent = excluded.traceparent, properties = excluded.properties

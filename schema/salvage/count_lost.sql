-- Of all ids ever given out, those that are neither here nor left before the damage.
SELECT (SELECT coalesce(max(id), 0) FROM event) - (SELECT count(*) FROM event WHERE name <> '') - gone FROM queue

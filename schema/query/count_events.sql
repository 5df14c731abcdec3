-- Events that have not left yet, ?1 being how far every sink is.
SELECT count(*) FROM event WHERE name <> '' AND (id > ?1 OR consent <> 'on')

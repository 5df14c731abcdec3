-- Is an event in an open batch of a sink?
SELECT 1 FROM batch b WHERE b.sink = ?1 AND b.source = 'event' AND ?2 BETWEEN b.first AND b.last
   AND ?2 IN (SELECT value FROM json_each(b.members))

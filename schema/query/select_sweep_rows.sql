-- What may leave next, for finding where a step that stays small ends. The text itself: counting its characters takes longer.
SELECT id, properties FROM event WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3

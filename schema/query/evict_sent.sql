-- Gives up the oldest rows of what was sent, one at least: ?1 of them at most, and about ?2 bytes.
DELETE FROM sent_entry
WHERE id < (SELECT min(id) FROM sent_entry) + ?1
      AND end_bytes <= ?2 + (SELECT end_bytes FROM sent_entry ORDER BY id LIMIT 1)

-- Keeps the last ?1 rows of what was sent, and no more than ?2 bytes of them. `end_bytes` grows with the id, so that only
-- what goes is looked at.
DELETE FROM sent_entry
WHERE id < (SELECT id FROM sent_entry
            WHERE id > (SELECT max(id) FROM sent_entry) - ?1
                  AND end_bytes > (SELECT end_bytes FROM sent_entry ORDER BY id DESC LIMIT 1) - ?2
            ORDER BY id LIMIT 1)

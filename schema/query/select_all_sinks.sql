-- Live and ended ones.
SELECT id, name, ended_id IS NOT NULL FROM sink ORDER BY id

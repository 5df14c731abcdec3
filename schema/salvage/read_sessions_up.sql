-- Runs of host programs.
SELECT * FROM session ORDER BY id

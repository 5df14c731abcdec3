-- The names in a bundle.
SELECT DISTINCT name FROM dead_letter WHERE bundle = ?1

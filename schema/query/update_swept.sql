-- Moves the sweep on and counts what left.
UPDATE queue SET swept = max(swept, ?1), gone = gone + ?2

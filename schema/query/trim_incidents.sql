-- Keeps the last twenty.
DELETE FROM incident WHERE id <= (SELECT max(id) - 20 FROM incident)

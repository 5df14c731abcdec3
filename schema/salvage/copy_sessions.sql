-- Runs of host programs.
INSERT OR IGNORE INTO main.session SELECT * FROM damaged.session

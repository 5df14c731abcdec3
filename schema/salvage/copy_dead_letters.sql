-- Dead letters.
INSERT OR IGNORE INTO main.dead_letter SELECT * FROM damaged.dead_letter

-- What was booked stays booked.
INSERT OR IGNORE INTO main.ledger_entry SELECT * FROM damaged.ledger_entry

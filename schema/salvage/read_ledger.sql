-- What was booked stays booked.
SELECT * FROM ledger_entry

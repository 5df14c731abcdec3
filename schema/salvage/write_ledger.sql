-- One line of the books.
INSERT OR IGNORE INTO ledger_entry VALUES (?1, ?2, ?3, ?4)

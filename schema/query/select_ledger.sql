-- Every line of the books.
SELECT k.name, CASE l.reason WHEN '' THEN l.kind ELSE l.kind || ':' || l.reason END, l.events
FROM ledger_entry l JOIN sink k ON k.id = l.sink ORDER BY k.name, l.kind, l.reason

-- Sinks whose books do not add up.
SELECT sink, committed, delivered + queued + dead + dropped + unwanted FROM ledger
WHERE committed <> delivered + queued + dead + dropped + unwanted

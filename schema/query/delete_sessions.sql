-- With the last event.
DELETE FROM session

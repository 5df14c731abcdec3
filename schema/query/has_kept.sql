-- Is anything here, events or what is kept beside them, that max_age may drop some day?
SELECT 1
WHERE EXISTS (SELECT 1 FROM event WHERE name <> '')
   OR EXISTS (SELECT 1 FROM dead_letter)
   OR EXISTS (SELECT 1 FROM sent_entry)

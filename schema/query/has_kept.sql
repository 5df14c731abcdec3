-- Is anything kept beside events that max_age may drop some day?
SELECT 1 WHERE EXISTS (SELECT 1 FROM dead_letter) OR EXISTS (SELECT 1 FROM sent_entry)

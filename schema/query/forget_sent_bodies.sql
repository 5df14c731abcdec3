-- Bodies are not to be kept any more.
UPDATE sent_entry SET body = NULL WHERE body IS NOT NULL

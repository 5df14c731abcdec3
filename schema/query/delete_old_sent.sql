-- What was sent longer ago than events are kept.
DELETE FROM sent_entry WHERE time_us < ?1

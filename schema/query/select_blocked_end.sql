-- Up to here no sink that is well has anything before it any more: what is there only sinks that are paused or waiting want.
SELECT min(cursor) FROM sink WHERE ended_id IS NULL AND paused = 0 AND attempts = 0

-- What the courier must remember over a restart.
UPDATE sink SET paused = ?2, kind = ?3, reason = ?4, attempts = ?5, wait_us = ?6, saved_boot_us = ?7, boot_id = ?8, since_us = ?9,
       last_success_us = ?10, limit_bytes = ?11, ramp = ?12, streak = ?13, ambiguous = ?14
WHERE id = ?1

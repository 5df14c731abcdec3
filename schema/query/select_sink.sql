-- One sink with its retry state.
SELECT id, name, type, cursor, paused, kind, reason, attempts, wait_us, saved_boot_us, boot_id, since_us, last_success_us,
       limit_bytes, ramp, streak, ambiguous
FROM sink WHERE id = ?1

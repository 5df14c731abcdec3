-- Notes both clocks.
UPDATE queue SET clock_boot_id = ?1, clock_boot_us = ?2, clock_wall_us = ?3, clock_agreed_us = ?4

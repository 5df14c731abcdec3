-- How long the clocks have agreed.
SELECT clock_boot_id, clock_boot_us, clock_wall_us, clock_agreed_us FROM queue

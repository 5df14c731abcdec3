-- The damaged copy. What its schema says wrongly is passed over; a page is used as far as it makes sense.
PRAGMA writable_schema = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = OFF;
PRAGMA mmap_size = 0;
PRAGMA cache_size = -512;

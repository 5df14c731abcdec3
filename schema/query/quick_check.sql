-- Is the file damaged? The first finding is enough.
PRAGMA quick_check(1)

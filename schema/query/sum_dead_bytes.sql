-- About how many bytes the dead letters take.
SELECT dead_bytes FROM queue

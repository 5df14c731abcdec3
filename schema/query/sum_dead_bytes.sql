-- About how many bytes the dead letters take.
SELECT coalesce(sum(length(properties) + length(answer) + 512), 0) FROM dead_letter

# Sums lines `N passed, N failed[, N skipped]` into one; other lines are passed over.

/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
	passed += $1
	failed += $3
	skipped += $5
}

END {
	printf "%d passed, %d failed", passed, failed
	if (skipped > 0)
		printf ", %d skipped", skipped
	printf "\n"
}

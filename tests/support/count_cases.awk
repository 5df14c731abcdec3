# Counts test cases: awk -f count_cases.awk LastTestsFailed.log LastTest.log
#
# ctest counts programs; people want to know how many things were tested. Each test's output says that itself:
#   cmocka    [  PASSED  ] 5 test(s).   [  SKIPPED ] 1 test(s), …   [  FAILED  ] 2 test(s), …
#   scripts   5 passed, 2 failed        5 passed, 2 failed, 1 skipped
# A test that ctest calls failed counts at least one failure (a crash, a time-out, a program that is not there), and one
# that says nothing counts as one case. Prints `N passed, N failed`, with `, N skipped` where there are any.

# LastTestsFailed.log has lines "6:name".
FILENAME == ARGV[1] {
	sub(/^[0-9]+:/, "")
	is_failed[$0] = 1
	next
}

/^[0-9]+\/[0-9]+ Testing: / {
	name = $0
	sub(/^[0-9]+\/[0-9]+ Testing: /, "", name)
	case_passed = case_failed = case_skipped = in_output = 0
	next
}

/^Output:$/ { in_output = 1; next }

in_output && /^<end of output>$/ {
	in_output = 0
	if (is_failed[name] && case_failed == 0)
		case_failed = 1
	if (case_passed + case_failed + case_skipped == 0)
		case_passed = 1
	passed += case_passed
	failed += case_failed
	skipped += case_skipped
	next
}

in_output && /^\[  PASSED  \] [0-9]+ test\(s\)/ { case_passed += $4 }
in_output && /^\[  FAILED  \] [0-9]+ test\(s\)/ { case_failed += $4 }
in_output && /^\[  SKIPPED \] [0-9]+ test\(s\)/ { case_skipped += $4 }
in_output && /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
	case_passed += $1
	case_failed += $3
	case_skipped += $5
}

END {
	printf "%d passed, %d failed", passed, failed
	if (skipped > 0)
		printf ", %d skipped", skipped
	printf "\n"
}

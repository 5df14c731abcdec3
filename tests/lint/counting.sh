#!/usr/bin/env bash
# The closing line of tools/test counts what it says it counts.
set -eu
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# ctest_log NAME OUTPUT…: what ctest writes of a test that printed these lines.
ctest_log()
{
	printf '1/9 Testing: %s\n1/9 Test: %s\nCommand: "x"\nOutput:\n----------\n' "$1" "$1"
	shift
	printf '%s\n' "$@"
	printf '<end of output>\nTest time = 0.01 sec\n'
}

counts() # EXPECTED LOG [FAILED_NAMES]
{
	local counted
	printf '%s' "${3:-}" >"$folder/failed"
	printf '%s\n' "$2" >"$folder/log"
	counted=$(awk -f tests/support/count_cases.awk "$folder/failed" "$folder/log")
	[ "$counted" = "$1" ] || echo "counted '$counted', wanted '$1'"
}

sums() # EXPECTED LINES
{
	local summed
	summed=$(printf '%s\n' "$2" | awk -f tests/support/sum_counts.awk)
	[ "$summed" = "$1" ] || echo "summed '$summed', wanted '$1'"
}

rule 'the cases of a cmocka program are counted' counts '5 passed, 2 failed, 1 skipped' \
	"$(ctest_log unit '[  PASSED  ] 5 test(s).' '[  SKIPPED ] 1 test(s), listed below:' \
		'[  FAILED  ] 2 test(s), listed below:' '[  FAILED  ] one' '[  FAILED  ] two')" '1:unit'
rule 'the cases of a script are counted' counts '7 passed, 0 failed' "$(ctest_log lint 'ok  x' '7 passed, 0 failed')"
rule 'several programs are added up' counts '10 passed, 0 failed' \
	"$(ctest_log one '[  PASSED  ] 4 test(s).' && ctest_log two '[  PASSED  ] 6 test(s).')"
rule 'a program that says nothing is one case' counts '1 passed, 0 failed' "$(ctest_log quiet 'hello')"
rule 'a program that crashes halfway is a failure' counts '3 passed, 1 failed' \
	"$(ctest_log crash '[  PASSED  ] 3 test(s).')" '4:crash'
rule 'a program that is not there is a failure' counts '0 passed, 1 failed' "$(ctest_log gone)" '4:gone'
rule 'counts in a command line are not taken for output' counts '1 passed, 0 failed' \
	"$(printf '%s\n' '9 passed, 9 failed' && ctest_log quiet)"
rule 'stages are summed' sums '3 passed, 3 failed, 2 skipped' \
	"$(printf '%s\n' '1 passed, 0 failed, 2 skipped' 'noise 5 passed, 1 failed' '2 passed, 3 failed')"
rules_end

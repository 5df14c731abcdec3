# shellcheck shell=bash
# For test scripts: rules, each one test case. A rule passes when its command prints nothing and succeeds.

rules_passed=0
rules_failed=0
rules_skipped=0

# rule "what must hold" command…
rule()
{
	local name=$1 found status=0
	shift
	found=$("$@" 2>&1) || status=$?
	if [ -z "$found" ] && [ "$status" = 0 ]; then
		rules_passed=$((rules_passed + 1))
		echo "ok      $name"
	else
		rules_failed=$((rules_failed + 1))
		echo "not ok  $name"
		printf '%s\n' "${found:-exit $status}" | sed 's/^/        /'
	fi
}

skip() # "what must hold" why
{
	rules_skipped=$((rules_skipped + 1))
	echo "skipped $1: $2"
}

# The closing line, and the verdict as the status.
rules_end()
{
	local line="$rules_passed passed, $rules_failed failed"
	[ "$rules_skipped" = 0 ] || line+=", $rules_skipped skipped"
	echo "$line"
	[ "$rules_failed" = 0 ]
}

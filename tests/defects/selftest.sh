#!/usr/bin/env bash
# The runner of the defect patches tells a caught defect from one that slips through: selftest.sh SCRATCH
set -eu
scratch=$1
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/rules.sh
. tests/support/rules.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
broken=src/base/units.c

# patch_of NAME SED_EXPRESSION HEADER_LINE…: a patch that makes this change to one file
patch_of()
{
	local name=$1 change=$2
	shift 2
	sed "$change" $broken >"$work/changed.c"
	{
		printf '# %s\n' "$@"
		diff -u --label "a/$broken" --label "b/$broken" $broken "$work/changed.c" || true
	} >"$work/$name.patch"
}

test='test: ^base_units$'
patch_of caught 's/60000}/60001}/' 'promise: a minute has sixty seconds' "$test"
patch_of slips 's/strcmp(text, unit->name) != 0/strcmp(text, unit->name)/' "$test"
patch_of unbuildable 's/return false;/return nonsense;/' "$test"
patch_of unnamed 's/60000}/60001}/' 'promise: it names no test'
patch_of unknown 's/60000}/60001}/' 'test: ^no_such_test$'
patch_of by_another 's/60000}/60001}/' "$test" 'case: some_other_case'
patch_of stale 's/60000}/60001}/' "$test"
sed 's/duration_units/intervals/; s/60000/61000/' "$work/stale.patch" >"$work/x" && mv "$work/x" "$work/stale.patch"

patches=()
for name in caught slips unbuildable unnamed unknown by_another stale; do
	patches+=("$work/$name.patch")
done
tests/defects/run "$scratch" "${patches[@]}" >"$work/report" 2>&1 && status=0 || status=$?
if ! grep -q " passed, " "$work/report"; then
	echo "The runner cannot configure:"
	cat "$work/report"
	exit 1
fi

says() # LINE
{
	grep -qxF "$1" "$work/report" || cat "$work/report"
}

untouched() # the copy is as the tree is, afterwards
{
	diff $broken "$scratch/tree/$broken"
}

rule 'a defect that a test notices is caught' says 'ok      caught: a minute has sixty seconds'
rule 'a defect that no test notices is reported' says 'not ok  slips: no test noticed: ^base_units$'
rule 'a defect that does not build is no defect' says 'not ok  unbuildable: the broken tree does not build'
rule 'a patch has to name its test' says 'not ok  unnamed: it names no test'
rule 'the test has to be there' says 'not ok  unknown: there is no test ^no_such_test$'
rule 'the case that is named has to fail' says 'not ok  by_another: the tests fail, but not by some_other_case'
rule 'a patch that does not apply any more is reported' says 'not ok  stale: it does not apply any more'
rule 'the counts say so' says '1 passed, 6 failed'
rule 'the exit status says so' test "$status" = 1
rule 'the copy is left as it was' untouched
rules_end

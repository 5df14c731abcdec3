#!/usr/bin/env bash
# The sources are as clang-format 14 lays them out; other versions differ in details.
set -eu
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

clang_format()
{
	local program
	for program in clang-format-14 clang-format; do
		if "$program" --version 2>/dev/null | grep -q 'version 14\.'; then
			echo "$program"
			return
		fi
	done
}

program=$(clang_format)
if [ -n "$program" ]; then
	formatted()
	{
		c_files include src tools tests | xargs "$program" --dry-run -Werror
	}
	rule 'the sources are formatted' formatted
else
	skip 'the sources are formatted' 'clang-format 14 is not installed'
fi
rules_end

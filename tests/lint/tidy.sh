#!/usr/bin/env bash
# clang-tidy over what ships: tidy.sh BUILD_FOLDER
#
# One file a run (version 14 sees phantom va_list faults with several), as many at once as there are cores. A file that
# was clean stays so until it, a header, the checks or the compile commands change: a stamp under the build folder says so.
set -eu
build=$(cd "$1" && pwd)
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

stamps=$build/tidy
database=$build/compile_commands.json

# What every file's result depends on.
common_digest()
{
	{
		clang-tidy --version
		cat .clang-tidy
		find src include tools tests/support "$build/generated" -name '*.h' | sort | xargs cat
	} | cksum
}

tidy_one() # FILE COMMON_DIGEST
{
	local file=$1 stamp options=(--quiet --extra-arg=-Wno-unknown-warning-option)
	# A sixth of the paths that the analyser follows by default finds the same here in half the time.
	options+=(--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=max-nodes=40000)
	stamp="$stamps/$(echo "$file" | tr / _).$(echo "$2" | cat - "$file" | cksum | tr ' ' _)"
	[ -e "$stamp" ] && return
	# Without FR_ANALYSED the analyser takes it that fr_fail's answer may be FR_OK; status.c defines it.
	[ "$file" = src/base/status.c ] || options+=(--extra-arg=-DFR_ANALYSED --extra-arg=-Wno-unused-value)
	# Suppressed warnings are counted on standard error; what is found goes to standard output.
	clang-tidy "${options[@]}" -p "$build" "$file" 2>"$stamp.err" >"$stamp.out" || {
		grep -E ': (warning|error): ' "$stamp.out" || cat "$stamp.err"
		rm -f "$stamp.err" "$stamp.out"
		return
	}
	rm -f "$stamp.err" "$stamp.out" "$stamps/$(echo "$file" | tr / _)."*
	: >"$stamp"
}

compiled_files()
{
	c_files src tools/cli tools/intake | grep '\.c$' | while read -r file; do
		grep -qF "$PWD/$file\"" "$database" && echo "$file"
	done
}

tidy_all()
{
	mkdir -p "$stamps"
	export build stamps
	export -f tidy_one
	# shellcheck disable=SC2016 # the inner shell expands these
	compiled_files | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 bash -c 'tidy_one "$1" "$0"' "$(common_digest)"
}

if command -v clang-tidy >/dev/null && [ -e "$database" ]; then
	rule 'clang-tidy finds nothing' tidy_all
else
	skip 'clang-tidy finds nothing' 'it is not installed'
fi
rules_end

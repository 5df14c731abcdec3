#!/usr/bin/env bash
# The tree itself: what lies where, no traces of anybody's machine, shell scripts that shellcheck likes.
set -eu
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

unknown_at_the_top()
{
	local entry
	for entry in *; do
		case $entry in
		CMakeLists.txt | CMakePresets.json | LICENSE | CHANGELOG.md | README.md) ;;
		src | include | schema | tests | tools | packaging) ;;
		build | build-*) ;; # made by the presets, ignored by git
		*) echo "$entry" ;;
		esac
	done
}

machine_paths()
{
	text_files | grep -v '^tests/lint/tree\.sh$' |
		xargs grep -nIE '/root/|/Users/[a-z]' || true
}

registry_hosts()
{
	text_files | grep -v '^tests/lint/tree\.sh$' |
		xargs grep -nIE 'deb\.debian\.org|archive\.ubuntu\.com|registry\.npmjs|pypi\.org|mirrors?\.fedora' || true
}

scripts()
{
	text_files | xargs awk 'FNR == 1 && (/^#!.*[\/ ](ba)?sh( .*)?$/ || FILENAME ~ /\.sh$/) { print FILENAME } { nextfile }'
}

checked_scripts()
{
	scripts | xargs shellcheck -x -S style
}

scripts_that_stop()
{
	local file
	scripts | while read -r file; do
		grep -q '^# shellcheck shell=' "$file" && continue # sourced: the caller has said it
		grep -qE '^set -eu' "$file" || echo "$file does not say set -eu"
	done
}

python()
{
	text_files | grep -v '^tests/lint/tree\.sh$' | grep -v '\.md$' |
		xargs grep -nIwE 'python3?' || true
}

bad_space()
{
	text_files | grep -vE '\.patch$' | xargs grep -nIE '[[:space:]]+$' || true
}

rule 'nothing lies at the top that does not belong there' unknown_at_the_top
rule "nobody's machine shows through" machine_paths
rule 'no package registry is named' registry_hosts
rule 'nothing needs Python' python
rule 'no line ends with a blank' bad_space
rule 'scripts stop at the first failure' scripts_that_stop
if command -v shellcheck >/dev/null; then
	rule 'shellcheck finds nothing' checked_scripts
else
	skip 'shellcheck finds nothing' 'it is not installed'
fi
rules_end

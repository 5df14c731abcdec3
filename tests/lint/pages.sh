#!/usr/bin/env bash
# The manual pages are well formed and say what the programs and the header say: pages.sh BUILD_FOLDER
set -eu
build=$(cd "$1" && pwd)
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

well_formed() # PAGE
{
	mandoc -Tlint -Wwarning "$1" | grep -v 'referenced manual not found' || true
}

# Each function, status and option of the header stands in the page.
header_in_page()
{
	grep -oE '\b(flightrec_[a-z0-9_]+\(|FLIGHTREC_[A-Z_]+ = [0-9]+)' include/flightrec.h | sed 's/[( ].*//' | sort -u |
		while read -r name; do
			case $name in
			FLIGHTREC_TRACE | FLIGHTREC_DEBUG | FLIGHTREC_INFO | FLIGHTREC_WARN | FLIGHTREC_ERROR | FLIGHTREC_FATAL) ;;
			FLIGHTREC_CONSENT_*) ;;
			*) grep -qw "$name" packaging/man/libflightrec.3 || echo "$name is missing" ;;
			esac
		done
}

# The page as a reader sees it, without the overstriking.
as_read() # PAGE
{
	mandoc -Tascii "$1" | sed "s/.$(printf '\b')//g"
}

# Each long option that the text on standard input lists stands in the page.
options_in_page() # PAGE
{
	[ -e "$1" ] || { echo "there is no $1" && return; }
	as_read "$1" >"$build/page.txt"
	grep -oE '^ +(-[A-Za-z], )?--[a-z][a-z-]+' | sed 's/.* //' | while read -r option; do
		grep -qwe "$option" "$build/page.txt" || echo "$option is missing"
	done
}

help_in_page() # PROGRAM PAGE
{
	"$1" --help | options_in_page "$2"
}

# Each command of the tool stands in its page, with its options.
commands_in_page()
{
	local tool=$build/tools/cli/flightrec page=packaging/man/flightrec.1 command
	for command in $("$tool" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p'); do
		grep -qw "$command" "$page" || echo "$command is missing"
		"$tool" help "$command" | options_in_page "$page" | sed "s/^/$command: /"
	done
}

if ! command -v mandoc >/dev/null; then
	skip 'the manual pages are well formed and complete' 'mandoc is not installed'
	rules_end
	exit
fi
for page in packaging/man/*.[1-9]; do
	rule "$page is well formed" well_formed "$page"
done
rule 'libflightrec.3 names all that flightrec.h declares' header_in_page
rule 'flightrecd.1 names every option' help_in_page "$build/src/agent/flightrecd" packaging/man/flightrecd.1
rule 'flightrec.1 names every option' help_in_page "$build/tools/cli/flightrec" packaging/man/flightrec.1
rule 'flightrec.1 names every command and its options' commands_in_page
rule 'flightrec-intake.1 names every option' help_in_page "$build/tools/intake/flightrec-intake" packaging/man/flightrec-intake.1
rule 'flightrec-header.1 names every option' help_in_page "$build/tools/header/flightrec-header" packaging/man/flightrec-header.1
rules_end

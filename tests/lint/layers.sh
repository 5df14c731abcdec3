#!/usr/bin/env bash
# The folders are the layering: includes point down only, and each library is known in its home only.
set -eu
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

# includes_of FILE: what is included with quotes, but for what the build generates.
includes_of()
{
	sed -n 's/^#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1" | grep -v '^flightrec_.*\.h$' || true
}

# may_include FOLDER LAYER…: nothing in the folder includes another layer's header than these.
may_include()
{
	local folder=$1 file header
	shift
	c_files "$folder" | while read -r file; do
		includes_of "$file" | while read -r header; do
			case " $* " in *" ${header%%/*} "*) ;; *) echo "$file includes $header" ;; esac
		done
	done
}

# only_in PATTERN FOLDER_OR_FILE…: a system header is included below these only.
only_in()
{
	local pattern=$1 file home
	shift
	c_files src include tools | xargs grep -lE "^#[[:space:]]*include[[:space:]]*<$pattern" | while read -r file; do
		for home in "$@"; do
			case $file in "$home"*) continue 2 ;; esac
		done
		echo "$file"
	done
}

# Or one that it shares with the other files of its noun, as store_internal.h.
own_header_first()
{
	local file own first
	c_files src tools | grep '\.c$' | while read -r file; do
		own=${file%.c}.h
		[ -e "$own" ] || continue
		own=${own##*/}
		first=$(sed -n 's/^#include [<"]\(.*\)[>"].*/\1/p' "$file" | head -n 1)
		case ${first##*/} in "$own" | "${own%.h}"_*.h) ;; *) echo "$file does not include $own first" ;; esac
	done
}

by_path_from_src()
{
	c_files src | while read -r file; do
		includes_of "$file" | grep -vE '^(base|event|privacy|queue|sink|config|client|ship|agent)/|^flightrec\.h$' |
			sed "s|^|$file includes |"
	done
	return 0
}

everything="base event privacy queue sink config client ship agent"
rule 'base stands on nothing' may_include src/base base
rule 'event stands on base' may_include src/event event base
rule 'privacy stands on event and base' may_include src/privacy privacy event base
rule 'queue stands on event and base' may_include src/queue queue event base
rule 'sink stands on event and base' may_include src/sink sink event base
rule 'config stands on the three above event' may_include src/config config privacy queue sink event base
rule 'client stands on config' may_include src/client client config privacy queue sink event base flightrec.h
rule 'ship stands on config' may_include src/ship ship config privacy queue sink event base
# shellcheck disable=SC2086 # the names are words
rule 'agent stands on all of it' may_include src/agent $everything
rule 'the public header includes none of ours' may_include include
rule 'headers are named by their path from src' by_path_from_src
rule 'a source includes its own header first' own_header_first
rule 'SQLite is known in queue only' only_in 'sqlite3' src/queue/ tools/intake/ tools/bench/
rule 'OpenSSL is known in base/digest.c only' only_in 'openssl/' src/base/digest.c
rule 'libcurl is known in ship only' only_in 'curl/' src/ship/
rule 'libevent is known in ship and agent only' only_in '(event2/|event\.h|ev)' src/ship/ src/agent/ tools/cli/ tools/intake/ tools/bench/
rule 'libdeflate is known in ship only' only_in 'libdeflate' src/ship/ tools/intake/ tools/bench/
rules_end

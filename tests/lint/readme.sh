#!/usr/bin/env bash
# The README says what the programs say: readme.sh BUILD_FOLDER [--update]
# --update puts the present config reference into it.
set -eu
build=$(cd "$1" && pwd)
update=${2:-}
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

tool=$build/tools/cli/flightrec
begin='<!-- config reference: begin -->'
end='<!-- config reference: end -->'

# The README, the reference in it replaced by the one the tool prints.
with_present_reference()
{
	"$tool" config reference >"$build/reference.md" || return
	awk -v begin="$begin" -v end="$end" '
		FNR == NR { reference = reference $0 "\n"; next }
		$0 == begin { print; printf "\n%s\n", reference; inside = 1 }
		$0 == end { inside = 0 }
		!inside && $0 != begin' "$build/reference.md" README.md
}

reference()
{
	with_present_reference | diff README.md - | head -n 20 || true
}

# shellcheck disable=SC2016 # the backquotes are Markdown's
# Every view of the schema has its line in the table, and the table has no other; a migration may make one anew.
views()
{
	diff <(sed -n 's/^CREATE VIEW \([a-z_]*\).*/\1/p' schema/[0-9]*.sql | sort -u) \
		<(awk '/^\| view \|/ { inside = 1; next } !/^\|/ { inside = 0 } inside' README.md |
			sed -n 's/^| `\([a-z_]*\)`.*/\1/p' | sort)
}

# The example config, with secrets where it looks for them, is one that the tool takes.
config()
{
	local folder
	folder=$(mktemp -d)
	echo secret >"$folder/token"
	awk '/^```jsonc$/ { inside = 1; next } /^```$/ && inside { exit } inside' README.md |
		sed "s|/etc/my-tool/token|$folder/token|" >"$folder/config.json"
	DD_API_KEY=secret "$tool" --home "$folder" --config "$folder/config.json" config check >"$folder/said" 2>&1 ||
		cat "$folder/said"
	rm -r "$folder"
}

# Links within the repository lead somewhere.
links()
{
	grep -ohE '\]\([^)]+\)' README.md CHANGELOG.md | sed 's/^](//; s/)$//' | grep -vE '^(https?:|#)' |
		while read -r target; do
			[ -e "$target" ] || echo "no $target"
		done
	return 0
}

if [ "$update" = --update ]; then
	with_present_reference >"$build/README.md" # a tool that is not there changes nothing
	cp "$build/README.md" README.md
fi
rule 'the config reference is the one that the tool prints' reference
rule 'the views of the queue are all listed' views
rule 'the example config is a good one' config
rule 'links lead somewhere' links
rules_end

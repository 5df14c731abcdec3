#!/usr/bin/env bash
# How the code reads: lengths, words that are banned, SQL where SQL belongs.
set -eu
# shellcheck source=tests/lint/lint.sh
. "$(dirname "$0")/lint.sh"

long_lines() # a tab counts to the next multiple of 8
{
	# shellcheck disable=SC2016 # awk's; characters are counted, not bytes
	c_files include src tools tests | LC_ALL=C xargs awk '{
		gsub(/[\200-\277]/, "")
		line = ""
		width = split($0, parts, "\t")
		for (i = 1; i <= width; i++) {
			line = line parts[i]
			if (i < width)
				line = line substr("        ", 1, 8 - length(line) % 8)
		}
		if (length(line) > 100)
			print FILENAME ":" FNR ": " length(line) " columns"
	}'
}

long_files()
{
	c_files include src tools tests | xargs awk 'FNR == 501 { print FILENAME ": over 500 lines" }'
}

# In this brace style a function's body stands between braces in the first column.
long_functions()
{
	c_files src tools tests | xargs awk '
		/^{$/ { begin = FNR }
		/^}$/ && begin {
			if (FNR - begin - 1 > 60)
				print FILENAME ":" begin ": a function of " FNR - begin - 1 " lines"
			begin = 0
		}'
}

banned='(^|[^A-Za-z0-9_.>])(v?sprintf|strcpy|strcat|strncpy|strtok|atoi|gets|localtime|gmtime|rand|signal|alloca)[[:space:]]*\('
sql='(^|[^\\])"[[:space:]]*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|ATTACH|VACUUM|REPLACE INTO|WITH) '

# What a clickhouse sink sends is a wire format: made of columns, a table and settings, and for no database of ours.
own_statements()
{
	grep_code "$sql" src tools/cli tools/intake | sed "/^src\/sink\/clickhouse/d"
}

unfinished()
{
	{ c_files include src tools tests && find schema tools packaging -type f; } |
		xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b' || true
}

test_only_ifdefs()
{
	c_files src include tools |
		xargs grep -nE '^#[[:space:]]*if.*\b(UNIT_?TEST|TESTING|FR_TEST)' || true
}

without_guard() # a header is read once
{
	c_files src include tools tests | grep '\.h$' | while read -r file; do
		grep -qE '^#ifndef F[LR]' "$file" || echo "$file"
	done
}

rule 'lines have at most 100 columns' long_lines
rule 'files have at most 500 lines' long_files
rule 'functions have at most 60 lines' long_functions
rule 'no banned function is called' grep_code "$banned" include src tools tests
rule 'no threads are started in the library' grep_code '\bpthread_create\b' src/base src/event src/privacy src/queue src/sink src/config src/client
rule 'SQL stands in schema/ and no C file holds any' own_statements
rule 'nothing is left to do' unfinished
rule 'no code is there for tests only' test_only_ifdefs
rule 'headers are guarded' without_guard
rules_end

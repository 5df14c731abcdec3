#!/usr/bin/env bash
# The first command that a newcomer types works, says what it should, and leaves nothing behind:
# quickstart.sh RELEASE_BUILD_FOLDER
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/rules.sh
. tests/support/rules.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work/tmp HOME=$work/user
mkdir "$TMPDIR" "$HOME"

tour()
{
	bash tools/quickstart --yes --build "$build" </dev/null >"$work/said" 2>&1 || cat "$work/said"
}

says() # pattern
{
	grep -qE "$1" "$work/said" || echo "nothing like $1 in what it says"
}

left_behind()
{
	find "$TMPDIR" "$HOME" -mindepth 1
	pgrep -f "$TMPDIR" || true
}

rule 'the quickstart succeeds' tour
rule 'a real EACCES is recorded' says 'permission_denied'
rule 'events of git are recorded' says 'cmd_start|child_start|region_enter|data'
rule 'the queue is emptied' says '^Still queued: 0\.'
rule 'every event is received' says '[1-9][0-9]* events recorded, .*, 0 missing'
rule 'the unanswered batch came again as the same bytes' says '[1-9][0-9]*; with other bytes than the first: 0'
rule 'the next request is shown' says 'Idempotency-Key'
rule 'it ends with what to try next' says 'flightrec status --why'
rule 'it leaves no file and no process behind' left_behind
rule 'there are no colours where there is no terminal' test "$(grep -c $'\033' "$work/said")" = 0
rules_end

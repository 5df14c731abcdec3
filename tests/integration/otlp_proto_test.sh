#!/usr/bin/env bash
# OTLP held against OpenTelemetry's own code: bodies of random events against the published protocol's messages
# (tests/otlp/check.js), and a body of OpenTelemetry's own exporter against the intake.
#
#   otlp_proto_test.sh BODIES INTAKE MODULES    the program otlp_bodies, flightrec-intake, and where npm put the modules
#
# FLIGHTREC_OTLP_SEED and FLIGHTREC_OTLP_COUNT look at other bodies, and more of them.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/support/rules.sh
. tests/support/rules.sh

bodies=$1 intake=$2 modules=$3
seed=${FLIGHTREC_OTLP_SEED:-1} count=${FLIGHTREC_OTLP_COUNT:-300}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

checked() # reads bodies
{
	node tests/otlp/check.js "$modules" >"$work/said" 2>&1 || { head -n 40 "$work/said" && return 1; }
}

random_bodies_are_read()
{
	"$bodies" "$seed" "$count" >"$work/bodies" || return
	checked <"$work/bodies" || { echo "seed $seed" && return 1; }
	grep -q "^$count bodies, " "$work/said" || cat "$work/said"
}

# A check that lets everything pass would be none: each of these edits makes a body wrong.
broken_bodies_are_noticed()
{
	local edit number=0
	"$bodies" 1 40 >"$work/bodies"
	mkdir "$work/broken"
	while read -r edit; do
		number=$((number + 1))
		sed -e n -e "$edit" "$work/bodies" >"$work/broken/edit $number"
		! cmp -s "$work/bodies" "$work/broken/edit $number" || echo "edit $number changes nothing: $edit"
	done <<-'EDITS'
		s/"eventName"/"event_name"/
		s/"severityNumber":[0-9]*/"severityNumber":"SEVERITY_NUMBER_INFO"/
		s/"severityNumber":[0-9]*/"severityNumber":2/
		s/"intValue":"\([0-9]*\)"/"intValue":\1/
		s/"timeUnixNano":"\([0-9]*\)"/"timeUnixNano":\1/
		s/"traceId":"\([0-9a-f]*\)"/"trace_id":"\1"/
		s/"spanId":"\(..\)/"spanId":"/
		s/"boolValue":true/"boolValue":"true"/
		s/"kvlistValue"/"kvListValue"/
		s/"key":"os.type"/"key":"host.arch"/
		s/{"stringValue":"my-tool"}/{"stringValue":"other"}/
		s/{"intValue":"450"}/{"intValue":"451"}/
	EDITS
	node tests/otlp/check.js "$modules" --wrong "$work"/broken/* | sed 's/$/ goes unnoticed/'
}

intake_takes_an_exporters_body()
{
	"$intake" --listen 127.0.0.1:0 --port-file "$work/port" --quiet >"$work/log" 2>&1 &
	local running=$! tries=0 port
	# shellcheck disable=SC2064 # this one; a rule runs in a shell of its own
	trap "kill $running" EXIT
	until [ -s "$work/port" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || { cat "$work/log" && return 1; }
		sleep 0.1
	done
	port=$(cat "$work/port")
	node tests/otlp/check.js "$modules" --own >"$work/own"
	curl -sS --noproxy '*' -H 'Content-Type: application/json' --data-binary "@$work/own" \
		"http://127.0.0.1:$port/v1/logs" >"$work/answer"
	grep -qxF '{}' "$work/answer" || cat "$work/answer"
	curl -sS --noproxy '*' "http://127.0.0.1:$port/events?ids=1" | sort >"$work/ids"
	diff <(printf '%s\n' one three two) "$work/ids"
}

names=('random bodies are read by the published protocol as they were meant'
	'a body that is wrong in one place is noticed' "the intake takes what OpenTelemetry's own exporter sends")
if ! command -v node >/dev/null || [ ! -e "$modules/fetched" ]; then
	for name in "${names[@]}"; do
		skip "$name" 'node or the modules of tests/otlp are missing (tools/test fetches them)'
	done
	rules_end
	exit
fi
rule "${names[0]}" random_bodies_are_read
rule "${names[1]}" broken_bodies_are_noticed
rule "${names[2]}" intake_takes_an_exporters_body
rules_end

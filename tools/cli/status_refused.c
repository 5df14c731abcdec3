/* What rules kept out of the queue: a line for each reason and event name, the largest first. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "json_out.h"
#include "output.h"
#include "status.h"

enum { LINES_MAX = 8 }; /* more are in --json */

static const struct {
	const char *reason;
	const char *words; /* "12 of retry ..." */
} reasons[] = {
	{"undeclared", "refused: the catalogue does not declare it"},
	{"expired", "refused: its declaration has expired"},
	{"limited", "refused: too many in too short a time"},
	{"sampled", "left out: this session is not in the sample"},
	{"many_names", "refused, of too many names to tell them apart"},
	{"property_key", "recorded without a property whose key is not allowed"},
	{"property_undeclared", "recorded without a property that is not declared"},
	{"property_invalid", "recorded without a property that is not as declared"},
	{"property_missing", "recorded, though a required property is missing"},
};

/* A reason that a newer release found is its own word. */
static const char *reason_words(const char *reason)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (strcmp(reasons[i].reason, reason) == 0)
			return reasons[i].words;
	return reason;
}

void cli_refused_print(const struct cli_status *status)
{
	size_t shown = status->refusal_count < LINES_MAX ? status->refusal_count : LINES_MAX;
	int64_t now_us = fr_env_wall_us(&status->cli->env), left;
	char count[CLI_NUMBER_TEXT], age[CLI_NUMBER_TEXT];

	for (size_t i = 0; i < shown; i++) {
		const struct cli_refusal *refusal = &status->refusals[i];
		int64_t age_us = now_us - refusal->last_us;

		cli_status_line(status->cli, i == 0 ? "rules" : "", CLI_YELLOW,
				"%s of %s %s, last %s ago", cli_count(count, refusal->events),
				refusal->name, reason_words(refusal->reason),
				cli_duration(age, age_us > 0 ? age_us / 1000 : 0));
	}
	left = (int64_t)(status->refusal_count - shown) + status->refusals_left_out;
	if (left > 0)
		cli_status_line(status->cli, "", CLI_YELLOW,
				"and %s %s more (flightrec sql \"SELECT * FROM refused\")",
				cli_count(count, left), cli_plural(left, "line", "lines"));
}

void cli_refused_add_json(struct cli_json *json, const struct cli_status *status)
{
	cli_json_array(json, "refused");
	for (size_t i = 0; i < status->refusal_count; i++) {
		const struct cli_refusal *refusal = &status->refusals[i];

		cli_json_object(json, NULL);
		cli_json_string(json, "name", refusal->name);
		cli_json_string(json, "reason", refusal->reason);
		cli_json_int(json, "events", refusal->events);
		cli_json_time(json, "last", refusal->last_us);
		cli_json_object_end(json);
	}
	cli_json_array_end(json);
	cli_json_int(json, "refusedLeftOut", status->refusals_left_out);
}

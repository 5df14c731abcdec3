#include "fleet/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_PER_BURST = 10 };

static enum fr_status number_parse(const char *name, const char *text, uint64_t least,
				   uint64_t most, uint64_t *out, struct fr_error *err)
{
	char *end = NULL;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || *out < least || *out > most)
		return fr_fail(err, FR_INVALID, "%s takes a number from %llu to %llu, not \"%s\"",
			       name, (unsigned long long)least, (unsigned long long)most, text);
	return FR_OK;
}

static enum fr_status option_take(struct fleet_options *options, const char *name,
				  const char *value, struct fr_error *err)
{
	uint64_t number = 0;
	enum fr_status status;

	if (strcmp(name, "--agents") == 0) {
		status = number_parse(name, value, 1, 1000000, &number, err);
		options->settings.agents = (uint32_t)number;
	} else if (strcmp(name, "--seed") == 0) {
		status = number_parse(name, value, 0, UINT64_MAX, &options->settings.seed, err);
	} else if (strcmp(name, "--every") == 0) {
		status = number_parse(name, value, 1, 86400, &number, err);
		options->every_s = (size_t)number;
	} else if (strcmp(name, "--events") == 0) {
		status = number_parse(name, value, 1, 100000, &number, err);
		options->settings.habits.bursts_per_hour = (double)number / EVENTS_PER_BURST;
	} else if (strcmp(name, "--svg") == 0) {
		options->svg = value;
		status = FR_OK;
	} else if (strcmp(name, "--scenario") == 0) {
		options->scenario = fleet_scenario_find(value);
		status = options->scenario != NULL
				 ? FR_OK
				 : fr_fail(err, FR_INVALID, "there is no scenario \"%s\"", value);
	} else {
		status = fr_fail(err, FR_INVALID, "unknown option %s", name);
	}
	return status;
}

enum fr_status fleet_options_parse(struct fleet_options *options, int count, char *const *arguments,
				   struct fr_error *err)
{
	enum fr_status status = FR_OK;

	*options = (struct fleet_options){
		.settings = {.agents = 100000,
			     .seed = 1,
			     .habits = {.bursts_per_hour = 10,
					.events_per_burst = EVENTS_PER_BURST}},
	};
	for (int i = 1; i < count && status == FR_OK; i++) {
		if (strcmp(arguments[i], "--help") == 0) {
			options->help = true;
		} else if (i + 1 == count) {
			status = fr_fail(err, FR_INVALID, "%s: unknown, or without its value",
					 arguments[i]);
		} else {
			status = option_take(options, arguments[i], arguments[i + 1], err);
			i++;
		}
	}
	return status;
}

void fleet_options_help(FILE *out)
{
	fputs("usage: flightrec-fleet [option value]...\n"
	      "How many requests a second reach a server after an outage, with the backoff that "
	      "ships.\n"
	      "Exits 1 when a second after the recovery sees more than 2 % of the fleet.\n\n"
	      "  --agents N        how many (100000)\n"
	      "  --events N        that each records in an hour, on average (100)\n"
	      "  --seed N          another throw of the dice (1)\n"
	      "  --scenario NAME   one of those below (all of them)\n"
	      "  --every SECONDS   print a table with a row for so many seconds\n"
	      "  --svg FILE        draw it\n\n",
	      out);
	for (size_t i = 0; i < fleet_scenario_count; i++)
		fprintf(out, "  %-16s  %s\n", fleet_scenarios[i].name, fleet_scenarios[i].title);
}

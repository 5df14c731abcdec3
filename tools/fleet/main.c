/* flightrec-fleet: runs the scenarios, prints what the server saw, draws it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/options.h"
#include "fleet/plot.h"
#include "fleet/table.h"

enum { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2 };

static int complain(int code, const struct fr_error *err)
{
	fprintf(stderr, "flightrec-fleet: %s\n", err->text);
	return code;
}

static enum fr_status draw(const char *path, const struct fleet_day *days, size_t count,
			   struct fr_error *err)
{
	FILE *out = fopen(path, "w");
	int failed;

	if (out == NULL)
		return fr_fail(err, FR_IO, "%s: %s", path, strerror(errno));
	fleet_plot_write(out, days, count);
	failed = ferror(out);
	if (fclose(out) != 0 || failed != 0)
		return fr_fail(err, FR_IO, "%s: %s", path, strerror(errno));
	return FR_OK;
}

static enum fr_status run_all(const struct fleet_options *options, struct fleet_day *days,
			      size_t count, bool *holds, struct fr_error *err)
{
	const struct fleet_scenario *first =
		options->scenario != NULL ? options->scenario : fleet_scenarios;
	enum fr_status status = FR_OK;
	size_t second;

	for (size_t i = 0; i < count && status == FR_OK; i++) {
		status = fleet_day_run(&days[i], &first[i], &options->settings, err);
		if (status == FR_OK && options->every_s > 0)
			fleet_table_print(stdout, &days[i], options->every_s);
	}
	if (status != FR_OK)
		return status;
	fleet_summary_head(stdout, &options->settings);
	for (size_t i = 0; i < count; i++) {
		fleet_summary_print(stdout, &days[i]);
		if (fleet_day_peak_percent(&days[i], &second) > FLEET_RULE_PERCENT)
			*holds = false;
	}
	return options->svg != NULL ? draw(options->svg, days, count, err) : FR_OK;
}

int main(int argc, char **argv)
{
	struct fr_error err = {.text = ""};
	struct fleet_options options;
	struct fleet_day *days;
	enum fr_status status;
	bool holds = true;
	size_t count;

	if (fleet_options_parse(&options, argc, argv, &err) != FR_OK)
		return complain(EXIT_USAGE, &err);
	if (options.help) {
		fleet_options_help(stdout);
		return EXIT_DONE;
	}
	count = options.scenario != NULL ? 1 : fleet_scenario_count;
	days = calloc(count, sizeof *days);
	if (days == NULL)
		return EXIT_WRONG;
	status = run_all(&options, days, count, &holds, &err);
	for (size_t i = 0; i < count; i++)
		fleet_day_fini(&days[i]);
	free(days);
	if (status != FR_OK)
		return complain(EXIT_WRONG, &err);
	return holds ? EXIT_DONE : EXIT_WRONG;
}

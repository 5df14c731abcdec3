/* flightrec export: everything that is queued, as NDJSON. */
#include <stdio.h>

#include "cli.h"
#include "events.h"
#include "look.h"

struct exporting {
	struct fr_error *err;
	enum fr_status status;
};

static bool on_event(void *context, const struct fr_event *event)
{
	struct exporting *exporting = context;

	exporting->status = cli_event_print_json(event, exporting->err);
	return exporting->status == FR_OK && ferror(stdout) == 0;
}

static int export_run(struct cli *cli)
{
	struct fr_error err = {0};
	struct exporting exporting = {.err = &err};
	struct fr_event_filter filter;
	enum fr_status status;
	int code = cli_filter_parse(cli, &filter);

	if (code != CLI_DONE)
		return code;
	status = cli_events_each(cli, &filter, on_event, &exporting, &err);
	if (status == FR_OK)
		status = exporting.status;
	if (status == FR_NONE) {
		cli_nothing_yet(cli);
		return CLI_DONE;
	}
	return status == FR_OK ? CLI_DONE : cli_failed(&err);
}

static const struct cli_option export_options[] = {
	CLI_FILTER_OPTIONS,
	{0},
};

const struct cli_command cmd_export = {
	.name = "export",
	.operands = "",
	.summary = "everything queued as NDJSON",
	.help = "Writes every event in the queue to standard output, one JSON object a line,\n"
		"oldest first: the form in which it goes to a first-party sink, and in front of\n"
		"it `id` (its row), `consent` and `internal`. Nothing is changed and no agent\n"
		"is disturbed.\n"
		"\n"
		"Examples:\n"
		"  flightrec export > events.ndjson\n"
		"  flightrec export --since 7d --name tool_use_error",
	.options = export_options,
	.run = export_run,
};

/* flightrec ls: what is in the queue, the newest last. */
#include <stdio.h>

#include "cli.h"
#include "events.h"
#include "look.h"
#include "output.h"
#include "table.h"

enum { LAST_DEFAULT = 50 };

struct listing {
	struct cli_table table;
	const struct cli *cli;
	struct fr_error *err;
	enum fr_status status; /* of what could not be printed */
	int64_t shown, hidden;
};

static bool on_event(void *context, const struct fr_event *event)
{
	struct listing *listing = context;

	if (event->internal && cli_is_given(listing->cli, "public")) {
		listing->hidden++;
		return true;
	}
	listing->shown++;
	if (listing->cli->json)
		listing->status = cli_event_print_json(event, listing->err);
	else
		cli_event_table_add(&listing->table, event);
	return listing->status == FR_OK && ferror(stdout) == 0;
}

/* Somebody who sees fifty lines must not believe that this is all. */
static void rest_mention(const struct listing *listing, const struct fr_event_filter *filter)
{
	char count[CLI_NUMBER_TEXT];

	if (listing->hidden > 0)
		(void)fprintf(stderr, "%s internal %s not shown.\n",
			      cli_count(count, listing->hidden),
			      cli_plural(listing->hidden, "event is", "events are"));
	if (listing->cli->json)
		return;
	if (listing->shown == 0)
		(void)fputs("No events.\n", stderr);
	else if (filter->last > 0 && (size_t)listing->shown == filter->last)
		(void)fprintf(stderr, "The newest %lld. All: flightrec ls --all\n",
			      (long long)listing->shown);
}

static int last_parse(const struct cli *cli, struct fr_event_filter *filter)
{
	const char *text = cli_value(cli, "last");
	struct fr_error err = {0};
	int64_t last = LAST_DEFAULT;

	if (text != NULL && cli_parse_count("last", text, INT32_MAX, &last, &err) != FR_OK)
		return cli_misused(cli, "%s", err.text);
	if (text != NULL && last == 0)
		return cli_misused(cli, "--last 0 shows nothing: --all shows everything");
	filter->last = cli_is_given(cli, "all") ? 0 : (size_t)last;
	return CLI_DONE;
}

static int ls_run(struct cli *cli)
{
	struct fr_error err = {0};
	struct listing listing = {.cli = cli, .err = &err};
	struct fr_event_filter filter;
	enum fr_status status;
	enum fr_status finished;
	int code = cli_filter_parse(cli, &filter);

	if (code == CLI_DONE)
		code = last_parse(cli, &filter);
	if (code != CLI_DONE)
		return code;
	cli_event_table_init(&listing.table, cli, CLI_TABLE_MEASURED);
	status = cli_events_each(cli, &filter, on_event, &listing, &err);
	if (status == FR_OK)
		status = listing.status;
	finished = cli_table_finish(&listing.table, status == FR_OK ? &err : NULL);
	if (status == FR_NONE) {
		cli_nothing_yet(cli);
		return CLI_DONE;
	}
	if (status != FR_OK || finished != FR_OK)
		return cli_failed(&err);
	rest_mention(&listing, &filter);
	return CLI_DONE;
}

static const struct cli_option ls_options[] = {
	CLI_FILTER_OPTIONS,
	{"last", 'n', "COUNT", "the newest so many (default 50)"},
	{"all", 0, NULL, "all of them"},
	{"public", 0, NULL, "not those that only insiders may see"},
	{0},
};

const struct cli_command cmd_ls = {
	.name = "ls",
	.operands = "",
	.summary = "list queued events",
	.help = "Lists the events that are still in the queue, the newest last. An event leaves\n"
		"the queue when every sink that wants it has finished with it. CONSENT local:\n"
		"it never leaves this machine.\n"
		"\n"
		"Examples:\n"
		"  flightrec ls --severity warn --since 2h\n"
		"  flightrec ls --name 'api_*' --sink datadog\n"
		"  flightrec ls --all --json",
	.options = ls_options,
	.run = ls_run,
};

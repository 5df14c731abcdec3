/* flightrec dead: the events that a sink refused for good. What one can do is in dead_*.c. */
#include <string.h>

#include "cli.h"
#include "dead.h"
#include "events.h"

int dead_filter_parse(const struct cli *cli, struct fr_letter_filter *filter)
{
	const char *since = cli_value(cli, "since"), *before = cli_value(cli, "before");
	int code = CLI_DONE;

	*filter = (struct fr_letter_filter){.sink = cli_value(cli, "sink"),
					    .name_glob = cli_value(cli, "name")};
	if (since != NULL)
		code = cli_when_parse(cli, "since", since, &filter->since_us);
	if (code == CLI_DONE && before != NULL)
		code = cli_when_parse(cli, "before", before, &filter->before_us);
	return code;
}

int dead_id_parse(const struct cli *cli, const char *text, int64_t *id)
{
	struct fr_error err = {0};

	if (cli_parse_count("id", text, INT64_MAX / 16, id, &err) == FR_OK && *id > 0)
		return CLI_DONE;
	return cli_misused(cli,
			   "\"%s\" names no dead letter: its number, as flightrec dead ls shows it",
			   text);
}

static const struct {
	const char *name;
	int least, most; /* operands behind it; most -1: any number */
	int (*run)(const struct cli *cli);
} parts[] = {
	{"ls", 0, 0, dead_ls},
	{"show", 1, 1, dead_show},
	{"retry", 0, -1, dead_retry},
	{"purge", 0, -1, dead_purge},
};

static int dead_run(struct cli *cli)
{
	const char *what = cli_operand(cli, 0);
	int count = cli_operand_count(cli) - 1;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (strcmp(what, parts[i].name) != 0)
			continue;
		if (count < parts[i].least)
			return cli_misused(cli, "dead %s: its ID is missing", what);
		if (parts[i].most >= 0 && count > parts[i].most)
			return cli_misused(cli, "dead %s: \"%s\" is more than it takes", what,
					   cli_operand(cli, parts[i].most + 1));
		return parts[i].run(cli);
	}
	return cli_misused(cli, "dead \"%s\": ls, show, retry or purge", what);
}

static const struct cli_option dead_options[] = {
	{"sink", 0, "NAME", "only what this sink refused"},
	{"name", 0, "GLOB", "only events of this name: tool_use_error, \"api_*\""},
	{"since", 0, "WHEN", "refused since: 10m, 2h, 7d, or 2026-11-22T08:00:00Z"},
	{"before", 0, "WHEN", "refused longer ago than that"},
	{"all", 0, NULL, "retry, purge: all of them"},
	{"yes", 'y', NULL, "purge: do not ask"},
	{0},
};

const struct cli_command cmd_dead = {
	.name = "dead",
	.operands = "ls | show ID | retry [ID ...] | purge [ID ...]",
	.summary = "what sinks refused for good: look, send again, delete",
	.help = "A dead letter is an event that a sink refused for good. It is kept, with what\n"
		"the server said, until you decide.\n"
		"\n"
		"ls         the letters there are, oldest first\n"
		"show       one of them, with the server's answer and the event as it is sent\n"
		"retry      have them sent again, once: those with these IDs, those that\n"
		"           --sink, --name, --since and --before name, or --all. It happens when\n"
		"           it is their sink's turn, by the config and the consent of that time;\n"
		"           one that is refused again is a dead letter again, with the new reason\n"
		"purge      delete them, in the same way; the books say so (dropped: purged)\n"
		"\n"
		"Some servers only say that they refused so many of the events of a request, not\n"
		"which. Such events are one letter: they are sent again or deleted together, and\n"
		"count as many as were refused.\n"
		"\n"
		"Examples:\n"
		"  flightrec dead ls --sink datadog\n"
		"  flightrec dead show 17\n"
		"  flightrec dead retry 17 18\n"
		"  flightrec dead retry --sink datadog --name 'api_*'\n"
		"  flightrec dead purge --before 30d --yes",
	.options = dead_options,
	.least = 1,
	.most = -1,
	.run = dead_run,
};

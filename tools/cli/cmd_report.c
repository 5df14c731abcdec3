/* flightrec report: the session to quote, and a file to attach. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cli.h"
#include "json_out.h"
#include "look.h"
#include "output.h"
#include "report.h"

enum { NAME_TEXT = 160 };

/* flightrec-report-my-tool-20261122T083500Z.txt, in the folder where one is. */
static void name_make(const struct cli *cli, char out[NAME_TEXT])
{
	char now[FR_TIME_TEXT];
	size_t length;

	(void)snprintf(out, NAME_TEXT, "flightrec-report-%s-", cli->home.app);
	fr_time_format(now, fr_env_wall_us(&cli->env));
	now[strcspn(now, ".")] = '\0';
	for (const char *at = now; *at != '\0'; at++) {
		length = strlen(out);
		if (strchr("-:", *at) == NULL && length + 1 < NAME_TEXT) {
			out[length] = *at;
			out[length + 1] = '\0';
		}
	}
	length = strlen(out);
	(void)snprintf(out + length, NAME_TEXT - length, "Z.txt");
}

static void tell_people(const struct cli *cli, const struct report *report, const char *file)
{
	char text[CLI_NUMBER_TEXT];

	if (report->session[0] != '\0')
		(void)printf("session  %s%s%s  last heard of %s%s%s\n", cli_color(cli, CLI_BOLD),
			     report->session, cli_color_end(cli),
			     cli_local_time(text, report->heard_us),
			     report->service[0] != '\0' ? ", " : "", report->service);
	(void)printf("report   %s  %s, nobody else can read it\n\n", file,
		     cli_bytes(text, (int64_t)report->text.length));
	(void)puts("It holds");
	for (size_t i = 0; i < report->part_count; i++)
		(void)printf("  %s: %s %s\n", report->parts[i].title,
			     cli_count(text, (int64_t)report->parts[i].lines),
			     cli_plural((int64_t)report->parts[i].lines, "line", "lines"));
	(void)puts("\nNothing was sent. Read it, then attach it to your bug report, or quote the "
		   "session.");
}

static int tell_programs(const struct report *report, const char *file)
{
	struct fr_error err = {0};
	struct cli_json json;

	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_string(&json, "session", report->session[0] != '\0' ? report->session : NULL);
	cli_json_string(&json, "service", report->session[0] != '\0' ? report->service : NULL);
	cli_json_time(&json, "lastHeardOf", report->heard_us);
	cli_json_string(&json, "file", file);
	cli_json_int(&json, "bytes", (int64_t)report->text.length);
	cli_json_array(&json, "parts");
	for (size_t i = 0; i < report->part_count; i++) {
		cli_json_object(&json, NULL);
		cli_json_string(&json, "title", report->parts[i].title);
		cli_json_int(&json, "lines", (int64_t)report->parts[i].lines);
		cli_json_object_end(&json);
	}
	cli_json_array_end(&json);
	cli_json_object_end(&json);
	return cli_json_finish(&json, &err) == FR_OK ? CLI_DONE : cli_failed(&err);
}

static int report_write(const struct cli *cli, const struct report *report, const char *file)
{
	struct fr_error err = {0};
	enum fr_status status;

	if (strcmp(file, "-") == 0) {
		(void)fwrite(fr_buffer_text(&report->text), 1, report->text.length, stdout);
		return CLI_DONE;
	}
	status = fr_file_create(file, report->text.data, report->text.length, &err);
	if (status == FR_NONE) {
		cli_complain("%s: there is such a file already, and it stays as it is", file);
		return CLI_WRONG;
	}
	if (status != FR_OK)
		return cli_failed(&err);
	if (cli->json)
		return tell_programs(report, file);
	tell_people(cli, report, file);
	return CLI_DONE;
}

static int report_run(struct cli *cli)
{
	const char *last = cli_value(cli, "last"), *file = cli_value(cli, "out");
	int64_t last_ms = INT64_C(600) * 1000;
	struct fr_error err = {0};
	char name[NAME_TEXT];
	struct report report;
	enum fr_status status;
	int code;

	if (last != NULL && cli_parse_duration("last", last, &last_ms, &err) != FR_OK)
		return cli_misused(cli, "%s", err.text);
	name_make(cli, name);
	status = report_make(&report, cli, last_ms, &err);
	if (status == FR_NONE)
		cli_nothing_yet(cli);
	if (status == FR_OK)
		code = report_write(cli, &report, file != NULL ? file : name);
	else
		code = status == FR_NONE ? CLI_DONE : cli_failed(&err);
	report_fini(&report);
	return code;
}

static const struct cli_option report_options[] = {
	{"last", 0, "TIME", "events of the last so long: 10m, 2h, 7d (default 10m)"},
	{"out", 'o', "FILE", "write it there; - for standard output"},
	{0},
};

const struct cli_command cmd_report = {
	.name = "report",
	.operands = "",
	.summary = "a session to quote, and a file for a bug report",
	.help = "Prints the id of the last session, which tells a receiver which run it was and\n"
		"nothing about you, and writes a text file that you can attach to a bug report:\n"
		"versions, status, settings, what was sent, what was refused, and the events that\n"
		"were recorded lately and are still here. It is scrubbed as events are, only you\n"
		"can read it, and nothing is sent. What is delivered is not in the queue any "
		"more.\n"
		"\n"
		"Examples:\n"
		"  flightrec report\n"
		"  flightrec report --last 2h --out report.txt",
	.options = report_options,
	.run = report_run,
};

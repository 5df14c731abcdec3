/* The happy path: the head with versions and sessions, then for each part what one command of this
 * tool prints, then all of it through the scrubber. Events were scrubbed when they were recorded;
 * paths, answers of servers and settings were not.
 *
 * Failures: a command that fails has its complaint in its part, since that is what a report is for.
 * Without the scrubber there is no report.
 */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/machine.h"
#include "base/text.h"
#include "cli.h"
#include "flightrec_cli_sql.h"
#include "look.h"
#include "privacy/scrub.h"

enum {
	TEXT_BYTES_MAX = 64 * 1024 * 1024,
	CHUNK_BYTES = 16 * 1024,
	WORDS_MAX = 8,
};

struct part {
	const char *title;
	const char *words[WORDS_MAX]; /* of the command; "SINCE" stands for the beginning */
};

static const struct part parts[REPORT_PARTS] = {
	{"status", {"status", "--why"}},
	{"settings, secrets as where they come from", {"config", "show"}},
	{"what was sent", {"sent", "--last", "50"}},
	{"what was refused for good", {"dead", "ls"}},
	{"recorded lately and still here, one event a line, at most 1,000",
	 {"ls", "--public", "--json", "--last", "1000", "--since", "SINCE"}},
};

/* ---- what a command prints ---- */

/* Both outputs go to this file until they are given back. */
struct outputs {
	int saved[2];
};

static bool outputs_turn(struct outputs *outputs, int file)
{
	(void)fflush(stdout);
	outputs->saved[0] = dup(STDOUT_FILENO);
	outputs->saved[1] = dup(STDERR_FILENO);
	return outputs->saved[0] >= 0 && outputs->saved[1] >= 0 && dup2(file, STDOUT_FILENO) >= 0 &&
	       dup2(file, STDERR_FILENO) >= 0;
}

static void outputs_give_back(const struct outputs *outputs)
{
	static const int own[] = {STDOUT_FILENO, STDERR_FILENO};

	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		if (outputs->saved[i] < 0)
			continue;
		(void)dup2(outputs->saved[i], own[i]);
		(void)close(outputs->saved[i]);
	}
}

static void file_take(FILE *file, struct fr_buffer *out)
{
	char chunk[CHUNK_BYTES];
	size_t got;

	rewind(file);
	while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
		fr_buffer_add(out, chunk, got);
}

static enum fr_status command_print(const struct cli *cli, const struct part *part,
				    const char *since, struct fr_buffer *out, struct fr_error *err)
{
	const char *words[WORDS_MAX + 1] = {"flightrec"};
	struct outputs outputs;
	FILE *file = tmpfile(); /* without a name, and nobody else's */
	int count = 1;

	if (file == NULL)
		return fr_fail(err, FR_IO, "no temporary file: %s", strerror(errno));
	for (int i = 0; i < WORDS_MAX && part->words[i] != NULL; i++)
		words[count++] = strcmp(part->words[i], "SINCE") == 0 ? since : part->words[i];
	if (outputs_turn(&outputs, fileno(file)))
		(void)cli_run_beside(cli, count, words);
	outputs_give_back(&outputs);
	file_take(file, out);
	(void)fclose(file);
	return FR_OK;
}

/* ---- its parts ---- */

static size_t lines_in(const char *text)
{
	size_t lines = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		lines++;
	return lines;
}

static enum fr_status part_add(struct report *report, const struct cli *cli,
			       const struct part *part, const char *since, struct fr_error *err)
{
	size_t begin, *lines = &report->parts[report->part_count].lines;
	enum fr_status status;

	fr_buffer_add_format(&report->text, "\n== %s ==\n\n", part->title);
	begin = report->text.length;
	status = command_print(cli, part, since, &report->text, err);
	*lines = lines_in(fr_buffer_text(&report->text) + begin);
	report->parts[report->part_count++].title = part->title;
	return status;
}

/* The row of sqlite.sql. */
static bool on_sqlite(void *context, const struct fr_cell *cells, int columns)
{
	struct report *report = context;

	if (columns == 2 && cells[0].text != NULL && cells[1].text != NULL)
		fr_buffer_add_format(&report->text, "SQLite     %s\nfile       version %s\n",
				     cells[0].text, cells[1].text);
	return false;
}

/* A row of sessions.sql. */
static bool on_session(void *context, const struct fr_cell *cells, int columns)
{
	struct report *report = context;
	int64_t heard_us =
		columns == 4 && cells[3].text != NULL ? strtoll(cells[3].text, NULL, 10) : 0;
	char heard[FR_TIME_TEXT];

	if (columns != 4 || cells[0].text == NULL || cells[1].text == NULL || cells[2].text == NULL)
		return true;
	if (report->session[0] == '\0') {
		(void)fr_text_copy(report->session, sizeof report->session, cells[0].text);
		(void)fr_text_copy(report->service, sizeof report->service, cells[1].text);
		report->heard_us = heard_us;
	}
	fr_time_format(heard, heard_us);
	fr_buffer_add_format(&report->text, "session    %s  last heard of %s  %s %s\n",
			     cells[0].text, heard, cells[1].text, cells[2].text);
	return true;
}

static enum fr_status head_add(struct report *report, const struct cli *cli, const char *since,
			       struct fr_error *err)
{
	struct fr_snapshot *snapshot = NULL;
	char now[FR_TIME_TEXT];
	struct fr_machine machine;
	enum fr_status status = cli_snapshot_open(cli, &snapshot, err);

	if (status != FR_OK)
		return status;
	fr_machine_look(&machine);
	fr_time_format(now, fr_env_wall_us(&cli->env));
	fr_buffer_add_format(&report->text,
			     "Flightrec report of %s, made at %s\n\n"
			     "It was written to this file and sent nowhere. Names, home folders, "
			     "addresses and\n"
			     "secrets were taken out; read it before you give it to anybody.\n\n"
			     "flightrec  " FR_VERSION "\n"
			     "system     %s, %s\n"
			     "covers     since %s\n",
			     cli->home.app, now, machine.os_type, machine.host_arch, since);
	status = fr_snapshot_query(snapshot, fr_sql_sqlite, on_sqlite, report, err);
	if (status == FR_OK)
		status = fr_snapshot_query(snapshot, fr_sql_sessions, on_session, report, err);
	fr_snapshot_close(snapshot);
	return status;
}

/* ---- scrubbed ---- */

static enum fr_status scrubber_make(struct fr_scrub **out, const struct cli *cli,
				    struct fr_error *err)
{
	struct fr_scrub_rules rules = {.env = &cli->env};
	struct fr_config *config = NULL;
	struct fr_error wrong;
	enum fr_status status;

	/* With a broken config the built-in rules hold; the part about settings tells of it. */
	if (fr_config_load(&config, &cli->home, FR_CONFIG_STRICT, &cli->env, &wrong) == FR_OK) {
		rules.patterns = config->privacy.scrub;
		rules.pattern_count = config->privacy.scrub_count;
	}
	status = fr_scrub_new(out, &rules, err);
	fr_config_free(config);
	return status;
}

static enum fr_status report_scrub(struct report *report, const struct cli *cli,
				   struct fr_error *err)
{
	struct fr_scrub *scrub = NULL;
	struct fr_buffer clean;
	enum fr_status status = scrubber_make(&scrub, cli, err);

	if (status != FR_OK)
		return status;
	fr_buffer_init(&clean, (size_t)TEXT_BYTES_MAX * FR_SCRUB_GROWTH);
	status = fr_scrub_text(scrub, fr_buffer_text(&report->text), report->text.length, &clean);
	if (status == FR_OK) {
		fr_buffer_fini(&report->text);
		report->text = clean;
		clean = (struct fr_buffer){0};
	} else if (status != FR_NONE) {
		status = fr_fail(err, status, "the report does not fit into memory");
	}
	fr_buffer_fini(&clean);
	fr_scrub_free(scrub);
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status report_make(struct report *report, const struct cli *cli, int64_t last_ms,
			   struct fr_error *err)
{
	char since[FR_TIME_TEXT];
	enum fr_status status;

	*report = (struct report){.session = ""};
	fr_buffer_init(&report->text, TEXT_BYTES_MAX);
	fr_time_format(since, fr_env_wall_us(&cli->env) - last_ms * 1000);
	status = head_add(report, cli, since, err);
	for (size_t i = 0; status == FR_OK && i < REPORT_PARTS; i++)
		status = part_add(report, cli, &parts[i], since, err);
	if (status == FR_OK && report->text.status != FR_OK)
		status = fr_fail(err, report->text.status, "the report does not fit into memory");
	return status == FR_OK ? report_scrub(report, cli, err) : status;
}

void report_fini(struct report *report)
{
	fr_buffer_fini(&report->text);
}

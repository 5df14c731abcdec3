/* flightrec sql: any question, on a consistent snapshot, without disturbing the queue.
 *
 * Every statement has a snapshot of its own that is closed before its answer is shown: a shell
 * that is left open must not pin the queue's log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "flightrec_cli_sql.h"
#include "lines.h"
#include "look.h"
#include "result.h"

enum { STATEMENT_BYTES_MAX = 1024 * 1024 };

static enum cli_format format_chosen(const struct cli *cli)
{
	if (cli_is_given(cli, "csv"))
		return CLI_FORMAT_CSV;
	return cli->json ? CLI_FORMAT_JSON : CLI_FORMAT_TABLE;
}

static int statement_run(const struct cli *cli, const char *sql)
{
	struct cli_result *result = malloc(sizeof *result);
	struct fr_snapshot *snapshot = NULL;
	struct fr_error err = {0};
	enum fr_status status;

	if (result == NULL) {
		(void)fr_fail(&err, FR_NOMEM, "out of memory");
		return cli_failed(&err);
	}
	cli_result_init(result, cli, format_chosen(cli));
	status = cli_snapshot_open(cli, &snapshot, &err);
	if (status == FR_OK)
		status = fr_snapshot_query(snapshot, sql, cli_result_add, result, &err);
	fr_snapshot_close(snapshot);
	if (status == FR_OK || (status == FR_NONE && cli->json))
		status = cli_result_print(result, &err);
	cli_result_fini(result);
	free(result);
	if (status == FR_NONE)
		cli_nothing_yet(cli);
	return status == FR_OK || status == FR_NONE ? CLI_DONE : cli_failed(&err);
}

/* ---- the shell ---- */

static const char shell_help[] = "A statement ends with a semicolon at the end of a line. Nothing "
				 "can be changed from here.\n"
				 "  .tables   what there is to ask about\n"
				 "  .schema   how it was declared\n"
				 "  .quit     or Ctrl-D\n";

static void prompt(bool is_terminal, bool is_within)
{
	if (!is_terminal)
		return;
	(void)fputs(is_within ? "      ...> " : "flightrec> ", stderr);
	(void)fflush(stderr);
}

/* True when the line was a word for the shell itself. */
static bool word_take(const struct cli *cli, const char *line, int *code, bool *has_ended)
{
	if (line[0] != '.')
		return false;
	if (strcmp(line, ".quit") == 0 || strcmp(line, ".exit") == 0)
		*has_ended = true;
	else if (strcmp(line, ".tables") == 0)
		*code = statement_run(cli, fr_sql_tables);
	else if (strcmp(line, ".schema") == 0)
		*code = statement_run(cli, fr_sql_schema);
	else
		(void)fputs(shell_help, stderr);
	return true;
}

static void line_add(struct fr_buffer *statement, const char *text, size_t length)
{
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		length--;
	if (statement->length > 0)
		fr_buffer_add_char(statement, '\n');
	fr_buffer_add(statement, text, length);
}

static bool is_complete(const struct fr_buffer *statement)
{
	return statement->length > 0 && statement->data[statement->length - 1] == ';';
}

/* Runs what has come together, and keeps the worst exit code. */
static void statement_take(const struct cli *cli, struct fr_buffer *statement, int *worst,
			   bool *has_ended)
{
	int code = CLI_DONE;

	if (statement->status != FR_OK || memchr(statement->data, 0, statement->length) != NULL) {
		cli_complain("that is no statement: too long, or with a NUL byte in it");
		code = CLI_WRONG;
	} else if (!word_take(cli, statement->data, &code, has_ended)) {
		code = statement_run(cli, statement->data);
	}
	*worst = code > *worst ? code : *worst;
	fr_buffer_clear(statement);
	(void)fflush(stdout);
}

static int shell_run(const struct cli *cli)
{
	bool is_terminal = isatty(STDIN_FILENO) == 1;
	bool has_ended = false;
	struct fr_buffer statement;
	struct cli_lines lines;
	struct fr_error err = {0};
	const char *text = NULL;
	size_t length = 0;
	int worst = CLI_DONE;

	if (cli_lines_init(&lines, STDIN_FILENO, STATEMENT_BYTES_MAX, &err) != FR_OK)
		return cli_failed(&err);
	fr_buffer_init(&statement, STATEMENT_BYTES_MAX);
	if (is_terminal)
		(void)fputs(shell_help, stderr);
	while (!has_ended) {
		enum cli_line line;

		prompt(is_terminal, statement.length > 0);
		line = cli_lines_next(&lines, true, &text, &length, &err);
		if (line != CLI_LINE)
			break;
		line_add(&statement, text, length);
		if (is_complete(&statement) || statement.status != FR_OK ||
		    (statement.length > 0 && statement.data[0] == '.'))
			statement_take(cli, &statement, &worst, &has_ended);
	}
	if (statement.length > 0)
		statement_take(cli, &statement, &worst, &has_ended);
	fr_buffer_fini(&statement);
	cli_lines_fini(&lines);
	return worst;
}

static int sql_run(struct cli *cli)
{
	if (cli->json && cli_is_given(cli, "csv"))
		return cli_misused(cli, "--json or --csv, not both");
	if (cli_operand(cli, 0) == NULL)
		return shell_run(cli);
	return statement_run(cli, cli_operand(cli, 0));
}

static const struct cli_option sql_options[] = {
	{"csv", 0, NULL, "comma-separated values, with a line of titles"},
	{0},
};

const struct cli_command cmd_sql = {
	.name = "sql",
	.operands = "[QUERY]",
	.summary = "ask the queue anything, read-only",
	.help = "Runs one query on a consistent snapshot of the queue, or, without one, a small\n"
		"shell that reads statements from standard input. Nothing can be changed and\n"
		"nobody is disturbed. The views pending, pending_by_name, timeline, sinks,\n"
		"batches, stuck, dead_letters, ledger and history answer the usual questions.\n"
		"\n"
		"Examples:\n"
		"  flightrec sql 'SELECT * FROM pending_by_name'\n"
		"  flightrec sql --csv 'SELECT minute, name, events FROM history' > history.csv\n"
		"  flightrec sql \"SELECT properties->>'toolName' AS tool FROM pending\"",
	.options = sql_options,
	.most = 1,
	.run = sql_run,
};

/* flightrec sent: what left this machine, and when.
 *
 * Nothing is printed before the snapshot is closed: somebody who reads the output slowly must not
 * hold the queue's log.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "json_out.h"
#include "look.h"
#include "output.h"
#include "queue/sent.h"
#include "table.h"

enum { LAST_DEFAULT = 20, TEXT_BYTES_MAX = 64 * 1024 * 1024 };

static const struct cli_column columns[] = {
	{"ANSWERED", false, 19}, {"SINK", false, 12}, {"EVENTS", true, 6}, {"ACCEPTED", true, 8},
	{"STATUS", true, 6},     {"SIZE", true, 8},   {"WHAT", false, 0},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

struct listing {
	bool json;
	struct fr_buffer text; /* lines for programs; for people cells, a NUL behind each */
	size_t rows;
};

/* ---- for people ---- */

static void cell_add(struct fr_buffer *out, const char *text)
{
	fr_buffer_add(out, text, strlen(text) + 1);
}

static void number_add(struct fr_buffer *out, int64_t number)
{
	fr_buffer_add_int(out, number);
	fr_buffer_add_char(out, '\0');
}

/* {"tool_use_error":3,"api_call":1} as "tool_use_error 3, api_call 1". */
static void names_add(struct fr_buffer *out, const char *names)
{
	for (const char *at = names; *at != '\0'; at++) {
		bool ends_name = *at == '"' && at[1] == ':'; /* names may have colons too */

		if (ends_name)
			fr_buffer_add_char(out, ' ');
		else if (*at == ',')
			fr_buffer_add_text(out, ", ");
		else if (strchr("{}\"", *at) == NULL)
			fr_buffer_add_char(out, *at);
		at += ends_name;
	}
	fr_buffer_add_char(out, '\0');
}

static void cells_add(struct fr_buffer *out, const struct fr_sent *sent)
{
	char text[CLI_NUMBER_TEXT];

	cell_add(out, cli_local_time(text, sent->time_us));
	cell_add(out, sent->sink);
	number_add(out, sent->events);
	number_add(out, sent->accepted);
	if (sent->status != 0)
		number_add(out, sent->status);
	else
		cell_add(out, "-");
	cell_add(out, cli_bytes(text, sent->bytes));
	names_add(out, sent->names);
}

/* ---- for programs ---- */

static void line_add(struct fr_buffer *out, const struct fr_sent *sent)
{
	struct cli_json json;

	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_time(&json, "time", sent->time_us);
	cli_json_string(&json, "sink", sent->sink);
	cli_json_string(&json, "batchId", sent->batch);
	cli_json_int(&json, "status", sent->status);
	cli_json_int(&json, "events", sent->events);
	cli_json_int(&json, "accepted", sent->accepted);
	cli_json_int(&json, "bodyBytes", sent->bytes);
	cli_json_raw(&json, "names", sent->names, strlen(sent->names));
	cli_json_string(&json, "body", sent->body);
	cli_json_object_end(&json);
	fr_buffer_add(out, json.text.data, json.text.length);
	fr_buffer_add_char(out, '\n');
	cli_json_fini(&json);
}

/* ---- the command ---- */

static bool on_sent(void *context, const struct fr_sent *sent)
{
	struct listing *listing = context;

	if (listing->json)
		line_add(&listing->text, sent);
	else
		cells_add(&listing->text, sent);
	listing->rows++;
	return listing->text.status == FR_OK;
}

static enum fr_status listing_read(const struct cli *cli, struct listing *listing, int64_t last,
				   struct fr_error *err)
{
	struct fr_snapshot *snapshot = NULL;
	enum fr_status status = cli_snapshot_open(cli, &snapshot, err);

	if (status == FR_OK)
		status = fr_snapshot_sent(snapshot, cli_value(cli, "sink"), (size_t)last, on_sent,
					  listing, err);
	fr_snapshot_close(snapshot);
	if (status == FR_OK && listing->text.status != FR_OK)
		status = fr_fail(err, listing->text.status, "it does not fit into memory");
	return status;
}

/* Why there may be nothing: because nothing is kept. */
static void nothing_tell(const struct cli *cli)
{
	const char *sink = cli_value(cli, "sink");
	struct fr_config *config = NULL;
	struct fr_error wrong; /* whoever asks for the config is told */
	bool is_kept = true;

	if (fr_config_load(&config, &cli->home, FR_CONFIG_STRICT, &cli->env, &wrong) == FR_OK)
		is_kept = config->privacy.keep_sent != FR_KEEP_NOTHING;
	fr_config_free(config);
	if (!is_kept)
		(void)fputs("Nothing is kept of what was sent: privacy.keep_sent is none.\n",
			    stderr);
	else if (sink != NULL)
		cli_complain("nothing has been sent to %s.", sink);
	else
		(void)fputs("Nothing has been sent.\n", stderr);
}

static enum fr_status listing_print(const struct cli *cli, const struct listing *listing,
				    struct fr_error *err)
{
	const char *at = fr_buffer_text(&listing->text);
	struct cli_table table;

	if (cli->json) {
		(void)fwrite(at, 1, listing->text.length, stdout);
		return FR_OK;
	}
	cli_table_init(&table, cli, columns, COLUMNS, CLI_TABLE_MEASURED);
	for (size_t i = 0; i < listing->rows * COLUMNS; i++) {
		cli_table_cell(&table, CLI_PLAIN, at);
		at += strlen(at) + 1;
	}
	return cli_table_finish(&table, err);
}

static int sent_run(struct cli *cli)
{
	const char *value = cli_value(cli, "last");
	struct listing listing = {.json = cli->json};
	int64_t last = LAST_DEFAULT;
	struct fr_error err = {0};
	enum fr_status status;

	if (value != NULL && cli_parse_count("last", value, 1000000, &last, &err) != FR_OK)
		return cli_misused(cli, "%s", err.text);
	fr_buffer_init(&listing.text, TEXT_BYTES_MAX);
	status = listing_read(cli, &listing, last, &err);
	if (status == FR_OK)
		status = listing_print(cli, &listing, &err);
	fr_buffer_fini(&listing.text);
	if (status == FR_NONE)
		cli_nothing_yet(cli);
	else if (status != FR_OK)
		return cli_failed(&err);
	else if (listing.rows == 0 && !cli->json)
		nothing_tell(cli);
	return CLI_DONE;
}

static const struct cli_option sent_options[] = {
	{"last", 'n', "COUNT", "the newest so many (default 20)"},
	{"sink", 0, "NAME", "only to this one"},
	{0},
};

const struct cli_command cmd_sent = {
	.name = "sent",
	.operands = "",
	.summary = "what left this machine, and when",
	.help = "Lists the last requests that a sink has answered for good, oldest first: when,\n"
		"to which sink, how many events were in it and how many of them were accepted,\n"
		"the HTTP status, the size of the body before compression, and the names of the\n"
		"events. A request without an answer, or one that will be repeated, is not\n"
		"listed before it is settled: preview shows it.\n"
		"\n"
		"The record is kept in the queue's file, the last 1,000 requests at most and no\n"
		"longer than queue.max_age. purge and consent off delete it. What is kept is up\n"
		"to privacy.keep_sent: none, counts (unless you say otherwise) or bodies; with\n"
		"that one --json has the bodies too, byte for byte.\n"
		"\n"
		"Examples:\n"
		"  flightrec sent\n"
		"  flightrec sent --last 5 --sink datadog\n"
		"  flightrec sent --json | jq .names",
	.options = sent_options,
	.run = sent_run,
};

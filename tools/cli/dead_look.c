/* flightrec dead ls and show. Letters are read in pages, and no page is printed before its snapshot
 * is closed: somebody who reads the output slowly must not hold the queue's log.
 */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "dead.h"
#include "json_out.h"
#include "look.h"
#include "output.h"
#include "table.h"

enum { PAGE_LETTERS = 10000, PAGE_BYTES = 8 * 1024 * 1024, TEXT_BYTES_MAX = 128 * 1024 * 1024 };

static const char *state_of(const struct fr_letter *letter)
{
	if (letter->is_in_batch)
		return "sending";
	return letter->asked_us != 0 ? "asked" : "kept";
}

/* ---- for programs ---- */

static void letter_add_json(struct cli_json *json, const struct fr_letter *letter)
{
	cli_json_int(json, "id", letter->id);
	cli_json_string(json, "sink", letter->sink);
	cli_json_bool(json, "sinkRemoved", letter->sink_has_ended);
	cli_json_string(json, "state", state_of(letter));
	cli_json_time(json, "died", letter->died_us);
	cli_json_int(json, "status", letter->status);
	cli_json_string(json, "reason", letter->reason);
	cli_json_string(json, "answer", letter->answer);
	cli_json_time(json, "askedFor", letter->asked_us);
	cli_json_int(json, "events", letter->events);
	cli_json_int(json, "refused", letter->lost);
	cli_json_string(json, "eventName", letter->event.name);
	cli_json_string(json, "eventId", letter->event.uuid);
}

/* ---- ls ---- */

struct page {
	const struct cli *cli;
	struct fr_buffer text; /* lines for programs; for people cells, a NUL behind each */
	size_t letters;
	int64_t last;
	bool is_full;
};

static const struct cli_column letter_columns[] = {
	{"ID", true, 4},      {"SINK", false, 12},  {"DIED", false, 19},
	{"STATUS", false, 6}, {"EVENT", false, 20}, {"REASON", false, 0},
};

enum { COLUMNS = sizeof letter_columns / sizeof *letter_columns };

static void cell_add(struct fr_buffer *out, const char *text)
{
	fr_buffer_add(out, text, strlen(text) + 1);
}

/* "3 of these 100 were refused, which is not known" */
static void share_add(struct fr_buffer *out, const struct fr_letter *letter)
{
	if (letter->lost > 0)
		fr_buffer_add_format(out, "%lld of these %lld %s refused, which is not known",
				     (long long)letter->lost, (long long)letter->events,
				     letter->lost == 1 ? "was" : "were");
	else
		fr_buffer_add_text(out, "refused when sent again, though they need not have been "
					"among those that were lost");
}

static void cells_add(struct fr_buffer *out, const struct fr_letter *letter)
{
	char text[CLI_NUMBER_TEXT];

	(void)snprintf(text, sizeof text, "%lld", (long long)letter->id);
	cell_add(out, text);
	cell_add(out, letter->sink);
	cell_add(out, cli_local_time(text, letter->died_us));
	(void)snprintf(text, sizeof text, "%d", letter->status);
	cell_add(out, letter->status != 0 ? text : "-");
	(void)snprintf(text, sizeof text, "%lld events", (long long)letter->events);
	cell_add(out, letter->bundle != 0 ? text : letter->event.name);
	fr_buffer_add_text(out, letter->is_in_batch     ? "being sent again; "
				: letter->asked_us != 0 ? "to be sent again; "
							: "");
	if (letter->bundle != 0) {
		share_add(out, letter);
		fr_buffer_add_text(out, ": ");
	}
	cell_add(out, letter->reason);
}

static bool on_letter_of_page(void *context, const struct fr_letter *letter)
{
	struct page *page = context;
	struct cli_json json;

	if (page->cli->json) {
		cli_json_init(&json);
		cli_json_object(&json, NULL);
		letter_add_json(&json, letter);
		cli_json_object_end(&json);
		fr_buffer_add_format(&page->text, "%s\n", fr_buffer_text(&json.text));
		cli_json_fini(&json);
	} else {
		cells_add(&page->text, letter);
	}
	page->last = letter->id;
	page->is_full = ++page->letters >= PAGE_LETTERS || page->text.length >= PAGE_BYTES;
	return !page->is_full;
}

static void page_print(const struct page *page, struct cli_table *table)
{
	const char *at = page->text.data;

	if (page->cli->json)
		(void)fwrite(page->text.data, 1, page->text.length, stdout);
	for (size_t i = 0; !page->cli->json && i < page->letters * COLUMNS; i++) {
		cli_table_cell(table, CLI_PLAIN, at);
		at += strlen(at) + 1;
	}
}

static enum fr_status page_read(struct page *page, struct fr_letter_filter *filter,
				struct fr_error *err)
{
	struct fr_snapshot *snapshot = NULL;
	enum fr_status status = cli_snapshot_open(page->cli, &snapshot, err);

	if (status == FR_OK)
		status = fr_snapshot_letters(snapshot, filter, on_letter_of_page, page, err);
	fr_snapshot_close(snapshot);
	if (status == FR_OK && page->text.status != FR_OK)
		status = fr_fail(err, page->text.status, "the letters do not fit into memory");
	filter->after_id = page->last;
	return status;
}

static int ls_tell_end(const struct cli *cli, enum fr_status status, size_t letters)
{
	if (status == FR_NONE)
		cli_nothing_yet(cli);
	else if (letters == 0 && !cli->json)
		(void)fputs("No dead letters.\n", stderr);
	return CLI_DONE;
}

int dead_ls(const struct cli *cli)
{
	struct fr_letter_filter filter;
	struct fr_error err = {0};
	enum fr_status status = FR_OK, finished;
	struct cli_table table;
	size_t letters = 0;
	bool more = true;
	int code = dead_filter_parse(cli, &filter);

	if (code != CLI_DONE)
		return code;
	cli_table_init(&table, cli, letter_columns, COLUMNS, CLI_TABLE_MEASURED);
	while (status == FR_OK && more) {
		struct page page = {.cli = cli, .last = filter.after_id};

		fr_buffer_init(&page.text, TEXT_BYTES_MAX);
		status = page_read(&page, &filter, &err);
		if (status == FR_OK)
			page_print(&page, &table);
		more = page.is_full && ferror(stdout) == 0;
		letters += page.letters;
		fr_buffer_fini(&page.text);
	}
	finished = cli_table_finish(&table, status == FR_OK ? &err : NULL);
	if ((status != FR_OK && status != FR_NONE) || finished != FR_OK)
		return cli_failed(&err);
	return ls_tell_end(cli, status, letters);
}

/* ---- show ---- */

struct showing {
	const struct cli *cli;
	struct fr_buffer text;
	struct cli_json json;
	size_t events;
};

static void line_add(struct fr_buffer *out, const char *label, const char *text)
{
	fr_buffer_add_format(out, "%-9s ", label);
	cli_add_visible(out, text, strlen(text), false);
	fr_buffer_add_char(out, '\n');
}

static void state_add(struct fr_buffer *out, const struct fr_letter *letter)
{
	char text[256];

	if (letter->sink_has_ended)
		(void)snprintf(text, sizeof text,
			       "kept; sink %s was removed, so that there is nobody to send it to",
			       letter->sink);
	else if (letter->is_in_batch)
		(void)snprintf(text, sizeof text, "being sent again");
	else if (letter->asked_us != 0)
		(void)snprintf(text, sizeof text, "to be sent again when it is the sink's turn");
	else
		(void)snprintf(text, sizeof text,
			       "kept; to send it again: flightrec dead retry %lld",
			       (long long)letter->id);
	line_add(out, "state", text);
}

static void letter_lay_out(struct fr_buffer *out, const struct fr_letter *letter)
{
	char text[CLI_NUMBER_TEXT];

	(void)snprintf(text, sizeof text, "%lld", (long long)letter->id);
	line_add(out, "letter", text);
	line_add(out, "sink", letter->sink);
	line_add(out, "died", cli_local_time(text, letter->died_us));
	(void)snprintf(text, sizeof text, "%d", letter->status);
	line_add(out, "status", letter->status != 0 ? text : "none: it was not the server");
	line_add(out, "reason", letter->reason);
	if (letter->bundle != 0) {
		fr_buffer_add_format(out, "%-9s ", "refused");
		share_add(out, letter);
		fr_buffer_add_char(out, '\n');
	}
	line_add(out, "answer", letter->answer[0] != '\0' ? letter->answer : "-");
	state_add(out, letter);
}

static bool on_letter_shown(void *context, const struct fr_letter *letter)
{
	struct showing *showing = context;
	struct fr_buffer event;

	if (showing->events++ == 0) {
		letter_lay_out(&showing->text, letter);
		letter_add_json(&showing->json, letter);
		cli_json_array(&showing->json, "members");
	}
	fr_buffer_init(&event, TEXT_BYTES_MAX);
	fr_event_add_json(&event, &letter->event);
	line_add(&showing->text, "event", fr_buffer_text(&event));
	cli_json_raw(&showing->json, NULL, event.data, event.length);
	if (event.status != FR_OK)
		showing->text.status = event.status;
	fr_buffer_fini(&event);
	return showing->text.status == FR_OK;
}

static int showing_print(struct showing *showing, struct fr_error *err)
{
	if (showing->text.status != FR_OK) {
		(void)fr_fail(err, showing->text.status, "the letter does not fit into memory");
		return cli_failed(err);
	}
	if (showing->cli->json)
		return cli_json_print(&showing->json, err) == FR_OK ? CLI_DONE : cli_failed(err);
	(void)fwrite(showing->text.data, 1, showing->text.length, stdout);
	return CLI_DONE;
}

int dead_show(const struct cli *cli)
{
	struct showing showing = {.cli = cli};
	struct fr_snapshot *snapshot = NULL;
	struct fr_error err = {0};
	enum fr_status status;
	int64_t id = 0;
	int code = dead_id_parse(cli, cli_operand(cli, 1), &id);

	if (code != CLI_DONE)
		return code;
	fr_buffer_init(&showing.text, TEXT_BYTES_MAX);
	cli_json_init(&showing.json);
	cli_json_object(&showing.json, NULL);
	status = cli_snapshot_open(cli, &snapshot, &err);
	if (status == FR_OK)
		status = fr_snapshot_letter(snapshot, id, on_letter_shown, &showing, &err);
	fr_snapshot_close(snapshot);
	cli_json_array_end(&showing.json);
	cli_json_object_end(&showing.json);
	if (status != FR_OK && status != FR_NONE) {
		code = cli_failed(&err);
	} else if (showing.events == 0) {
		cli_complain("no dead letter %lld: it was delivered or purged, or never was",
			     (long long)id);
		code = CLI_WRONG;
	} else {
		code = showing_print(&showing, &err);
	}
	fr_buffer_fini(&showing.text);
	cli_json_fini(&showing.json);
	return code;
}

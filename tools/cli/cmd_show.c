/* flightrec show: one event, all of it, and where it stands. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli.h"
#include "events.h"
#include "json_out.h"
#include "look.h"
#include "output.h"
#include "pretty.h"

enum { SHOWN_AT_MOST = 10, TEXT_BYTES_MAX = 64 * 1024 * 1024, INDENT = 2 };

/* An event is named by its row ("17", as ls shows it), by its eventId or by the beginning of
 * that. An eventId begins with its time and so with a 0 for the next five hundred years, a row
 * never does. */
static int id_parse(const struct cli *cli, const char *text, struct fr_event_filter *filter)
{
	struct fr_error err = {0};
	int64_t row = 0;

	*filter = (struct fr_event_filter){.min_severity = FR_TRACE};
	if (text[0] != '0' && cli_parse_count("id", text, INT64_MAX / 16, &row, &err) == FR_OK) {
		filter->after_id = row - 1;
		return CLI_DONE;
	}
	if (strlen(text) < 4 || strspn(text, "0123456789abcdef-") != strlen(text))
		return cli_misused(cli,
				   "\"%s\" names no event: its ID as ls shows it, or at least "
				   "four characters of its eventId",
				   text);
	filter->uuid_prefix = text;
	return CLI_DONE;
}

struct search {
	const struct fr_event_filter *filter;
	struct fr_buffer text; /* the event, or the ids of those that are meant */
	struct fr_buffer ids;
	bool json;
	int64_t row;
	size_t found;
};

static void line_add(struct fr_buffer *out, const char *label, const char *text)
{
	if (text[0] == '\0')
		return;
	fr_buffer_add_format(out, "%-11s ", label);
	cli_add_visible(out, text, strlen(text), false);
	fr_buffer_add_char(out, '\n');
}

static void event_lay_out(struct fr_buffer *out, const struct fr_event *event)
{
	char time[FR_TIME_TEXT];
	char place[160];

	fr_time_format(time, event->time_us);
	(void)snprintf(place, sizeof place, "%s, seq %lld", event->session, (long long)event->seq);
	line_add(out, "event", event->name);
	line_add(out, "eventId", event->uuid);
	line_add(out, "time", time);
	line_add(out, "severity", fr_severity_name(event->severity));
	line_add(out, "service", event->service);
	line_add(out, "version", event->version);
	line_add(out, "session", place);
	(void)snprintf(place, sizeof place, "%u", event->user_bucket);
	line_add(out, "bucket", place);
	line_add(out, "traceparent", event->traceparent);
	line_add(out, "ci", event->ci ? "true" : "");
	line_add(out, "audience", event->internal ? "internal" : "");
	line_add(out, "consent", event->sendable ? "on" : "local: it never leaves this machine");
	fr_buffer_add_text(out, "properties  ");
	cli_add_pretty(out, event->properties, (size_t)event->properties_length, 0);
	fr_buffer_add_char(out, '\n');
}

static bool on_event(void *context, const struct fr_event *event)
{
	struct search *search = context;

	if (search->filter->uuid_prefix == NULL && event->id != search->filter->after_id + 1)
		return false;
	search->found++;
	if (search->found == 1) {
		search->row = event->id;
		if (search->json)
			cli_event_add_json(&search->text, event);
		else
			event_lay_out(&search->text, event);
	}
	fr_buffer_add_format(&search->ids, "  %lld  %s  ", (long long)event->id, event->uuid);
	cli_add_visible(&search->ids, event->name, strlen(event->name), false);
	fr_buffer_add_char(&search->ids, '\n');
	return search->filter->uuid_prefix != NULL && search->found <= SHOWN_AT_MOST;
}

/* ---- where it stands ---- */

/* Names, a NUL behind each. */
static void on_sink(void *context, const struct fr_sink_facts *facts)
{
	struct fr_buffer *names = context;

	if (!facts->ended)
		fr_buffer_add(names, facts->row.name, strlen(facts->row.name) + 1);
}

struct waiting {
	int64_t row;
	bool is_met;
};

static bool on_waiting(void *context, const struct fr_event *event)
{
	struct waiting *waiting = context;

	waiting->is_met = event->id == waiting->row;
	return false;
}

/* The sinks that still have this event before them, for programs and for people. */
static enum fr_status sinks_ahead(struct fr_snapshot *snapshot, int64_t row, struct cli_json *out,
				  struct fr_buffer *words, struct fr_error *err)
{
	struct fr_buffer names;
	enum fr_status status;

	fr_buffer_init(&names, 64 * 1024);
	status = fr_snapshot_sinks(snapshot, on_sink, &names, err);
	cli_json_array(out, NULL);
	for (size_t at = 0; status == FR_OK && at < names.length;
	     at += strlen(names.data + at) + 1) {
		struct fr_event_filter filter = {
			.min_severity = FR_TRACE, .after_id = row - 1, .sink = names.data + at};
		struct waiting waiting = {.row = row};

		status = fr_snapshot_events(snapshot, &filter, on_waiting, &waiting, err);
		if (!waiting.is_met)
			continue;
		cli_json_string(out, NULL, names.data + at);
		fr_buffer_add_text(words, words->length > 0 ? ", " : "");
		fr_buffer_add_text(words, names.data + at);
	}
	cli_json_array_end(out);
	fr_buffer_fini(&names);
	return status;
}

static enum fr_status search_print(struct search *search, struct fr_snapshot *snapshot,
				   struct fr_error *err)
{
	struct fr_buffer words;
	struct cli_json sinks;
	enum fr_status status;

	fr_buffer_init(&words, 64 * 1024);
	cli_json_init(&sinks);
	status = sinks_ahead(snapshot, search->row, &sinks, &words, err);
	if (search->json) {
		fr_buffer_cut(&search->text, search->text.length - 1); /* its closing brace */
		fr_buffer_add_format(&search->text, ",\"waitsFor\":%s}\n",
				     fr_buffer_text(&sinks.text));
	} else {
		line_add(&search->text, "waits for",
			 words.length > 0 ? fr_buffer_text(&words) : "no sink");
	}
	if (status == FR_OK && search->text.status != FR_OK)
		status = fr_fail(err, search->text.status, "the event does not fit into memory");
	if (status == FR_OK)
		(void)fwrite(search->text.data, 1, search->text.length, stdout);
	fr_buffer_fini(&words);
	cli_json_fini(&sinks);
	return status;
}

static int search_answer(struct search *search, struct fr_snapshot *snapshot, const char *name)
{
	struct fr_error err = {0};

	if (search->found == 0) {
		cli_complain("no event %s in the queue: it left, or never was here", name);
		return CLI_WRONG;
	}
	if (search->found > 1) {
		cli_complain("%s is the beginning of %s%zu events:", name,
			     search->found > SHOWN_AT_MOST ? "more than " : "",
			     search->found > SHOWN_AT_MOST ? (size_t)SHOWN_AT_MOST : search->found);
		(void)fputs(fr_buffer_text(&search->ids), stderr);
		return CLI_WRONG;
	}
	return search_print(search, snapshot, &err) == FR_OK ? CLI_DONE : cli_failed(&err);
}

static int show_run(struct cli *cli)
{
	const char *name = cli_operand(cli, 0);
	struct fr_snapshot *snapshot = NULL;
	struct fr_event_filter filter;
	struct search search = {.filter = &filter, .json = cli->json};
	struct fr_error err = {0};
	enum fr_status status;
	int code = id_parse(cli, name, &filter);

	if (code != CLI_DONE)
		return code;
	status = cli_snapshot_open(cli, &snapshot, &err);
	if (status == FR_NONE)
		return search_answer(&search, NULL, name);
	if (status != FR_OK)
		return cli_failed(&err);
	fr_buffer_init(&search.text, TEXT_BYTES_MAX);
	fr_buffer_init(&search.ids, TEXT_BYTES_MAX);
	status = fr_snapshot_events(snapshot, &filter, on_event, &search, &err);
	code = status == FR_OK ? search_answer(&search, snapshot, name) : cli_failed(&err);
	fr_buffer_fini(&search.ids);
	fr_buffer_fini(&search.text);
	fr_snapshot_close(snapshot);
	return code;
}

const struct cli_command cmd_show = {
	.name = "show",
	.operands = "ID",
	.summary = "show one event",
	.help = "Shows one event with all its properties, and which sinks still have it before\n"
		"them. ID is its ID as `flightrec ls` shows it, its eventId, or the beginning\n"
		"of its eventId.\n"
		"\n"
		"Examples:\n"
		"  flightrec show 17\n"
		"  flightrec show 0193527c-9b1a --json",
	.least = 1,
	.most = 1,
	.run = show_run,
};

/* One event as text: a line of JSON, a row of a table. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "events.h"
#include "output.h"
#include "table.h"

enum { LINE_BYTES_MAX = 64 * 1024 * 1024 };

void cli_event_add_json(struct fr_buffer *out, const struct fr_event *event)
{
	size_t start;

	fr_buffer_add_format(out, "{\"id\":%lld,\"consent\":\"%s\",\"internal\":%s,",
			     (long long)event->id, event->sendable ? "on" : "local",
			     event->internal ? "true" : "false");
	start = out->length;
	fr_event_add_json(out, event);
	if (out->status == FR_OK) { /* the wire form's own brace goes */
		memmove(out->data + start, out->data + start + 1, out->length - start - 1);
		fr_buffer_cut(out, out->length - 1);
	}
}

enum fr_status cli_event_print_json(const struct fr_event *event, struct fr_error *err)
{
	enum fr_status status;
	struct fr_buffer line;

	fr_buffer_init(&line, LINE_BYTES_MAX);
	cli_event_add_json(&line, event);
	fr_buffer_add_char(&line, '\n');
	status = line.status;
	if (status == FR_OK)
		(void)fwrite(line.data, 1, line.length, stdout);
	else
		(void)fr_fail(err, status, "event %lld: %s", (long long)event->id,
			      fr_status_text(status));
	fr_buffer_fini(&line);
	return status;
}

/* ---- the table ---- */

static const struct cli_column event_columns[] = {
	{"ID", true, 4},       {"TIME", false, 19}, {"SEVERITY", false, 8},
	{"CONSENT", false, 7}, {"NAME", false, 24}, {"PROPERTIES", false, 0},
};

enum { EVENT_COLUMNS = sizeof event_columns / sizeof *event_columns };

void cli_event_table_init(struct cli_table *table, const struct cli *cli, size_t measured)
{
	cli_table_init(table, cli, event_columns, EVENT_COLUMNS, measured);
}

static enum cli_color severity_color(enum fr_severity severity)
{
	switch (severity) {
	case FR_TRACE:
	case FR_DEBUG:
		return CLI_DIM;
	case FR_INFO:
		return CLI_PLAIN;
	case FR_WARN:
		return CLI_YELLOW;
	case FR_ERROR:
	case FR_FATAL:
		return CLI_RED;
	}
	return CLI_PLAIN;
}

void cli_event_table_add(struct cli_table *table, const struct fr_event *event)
{
	char text[CLI_NUMBER_TEXT];

	(void)snprintf(text, sizeof text, "%lld", (long long)event->id);
	cli_table_cell(table, CLI_PLAIN, text);
	cli_table_cell(table, CLI_PLAIN, cli_local_time(text, event->time_us));
	cli_table_cell(table, severity_color(event->severity), fr_severity_name(event->severity));
	cli_table_cell(table, event->sendable ? CLI_PLAIN : CLI_DIM,
		       event->sendable ? "on" : "local");
	cli_table_cell(table, CLI_PLAIN, event->name);
	cli_table_cell_n(table, CLI_PLAIN, event->properties, (size_t)event->properties_length);
}

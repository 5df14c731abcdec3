/* Events for the commands that show them: the common filter options, and reading without being in
 * anybody's way.
 */
#ifndef FLIGHTREC_CLI_EVENTS_H
#define FLIGHTREC_CLI_EVENTS_H

#include "base/buffer.h"
#include "event/event.h"
#include "queue/inspect.h"

struct cli;

/* For a command's table of options. */
#define CLI_FILTER_OPTIONS                                                                       \
	{"name", 0, "GLOB", "only events of this name: tool_use_error, \"api_*\""},              \
		{"severity", 0, "LEAST",                                                         \
		 "only this bad or worse: trace debug info warn error fatal"},                   \
		{"since", 0, "WHEN", "only from then on: 10m, 2h, 7d, or 2026-11-22T08:00:00Z"}, \
	{                                                                                        \
		"sink", 0, "NAME", "only what this sink still has before it"                     \
	}

/* Fills the filter from those options; on a wrong value says so and returns CLI_USAGE. */
int cli_filter_parse(const struct cli *cli, struct fr_event_filter *filter);

/* A moment: how long ago, or a time; on anything else says so and returns CLI_USAGE. */
int cli_when_parse(const struct cli *cli, const char *option, const char *text, int64_t *wall_us);

/* Hands over all events of a filter, oldest first. They are read in pages, and no page is handed
 * over before its snapshot is closed: somebody who reads the output slowly must not hold the
 * queue's log. What leaves the queue between two pages is not seen. FR_NONE: no queue. *last_id:
 * the last one looked at. */
enum fr_status cli_events_each(const struct cli *cli, const struct fr_event_filter *filter,
			       fr_on_event *on_event, void *context, struct fr_error *err);

/* The wire form with what only this machine knows in front:
 * {"id":17,"consent":"on","internal":false,"eventId":... */
void cli_event_add_json(struct fr_buffer *out, const struct fr_event *event);

/* The same as one line on standard output. */
enum fr_status cli_event_print_json(const struct fr_event *event, struct fr_error *err);

/* A table of events: titles and one row each. */
struct cli_table;
void cli_event_table_init(struct cli_table *table, const struct cli *cli, size_t measured);
void cli_event_table_add(struct cli_table *table, const struct fr_event *event);

#endif

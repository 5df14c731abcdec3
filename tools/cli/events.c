/* A page is a copy: each event with its strings in one block of memory behind it. */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli.h"
#include "look.h"

enum { PAGE_EVENTS = 50000, PAGE_BYTES = 16 * 1024 * 1024 };

struct kept_event {
	struct fr_event event;
	char text[];
};

struct page {
	struct kept_event **events;
	size_t count, capacity;
	size_t bytes;
	bool is_full;
	bool is_short; /* of memory */
};

int cli_when_parse(const struct cli *cli, const char *option, const char *text, int64_t *wall_us)
{
	int64_t ms;

	if (fr_duration_parse(text, &ms)) {
		*wall_us = fr_env_wall_us(&cli->env) - ms * 1000;
		return CLI_DONE;
	}
	if (fr_time_parse(text, strlen(text), wall_us))
		return CLI_DONE;
	return cli_misused(cli,
			   "--%s \"%s\": how long ago (10m, 2h, 7d) or a time "
			   "(2026-11-22T08:00:00Z)",
			   option, text);
}

int cli_filter_parse(const struct cli *cli, struct fr_event_filter *filter)
{
	const char *severity = cli_value(cli, "severity");
	const char *since = cli_value(cli, "since");
	struct fr_error err = {0};

	*filter = (struct fr_event_filter){.name_glob = cli_value(cli, "name"),
					   .min_severity = FR_TRACE,
					   .sink = cli_value(cli, "sink")};
	if (severity != NULL &&
	    cli_parse_severity("severity", severity, &filter->min_severity, &err) != FR_OK)
		return cli_misused(cli, "%s", err.text);
	return since != NULL ? cli_when_parse(cli, "since", since, &filter->since_us) : CLI_DONE;
}

/* ---- pages ---- */

/* Copies a string behind the event and moves on. */
static const char *text_keep(char **at, const char *text, size_t length)
{
	char *copy = *at;

	memcpy(copy, text, length);
	copy[length] = '\0';
	*at += length + 1;
	return copy;
}

static struct kept_event *event_keep(const struct fr_event *event, size_t *bytes)
{
	const char *const texts[] = {event->uuid,    event->name,    event->service,
				     event->version, event->session, event->traceparent};
	size_t lengths[sizeof texts / sizeof *texts];
	size_t properties = (size_t)event->properties_length;
	size_t total = sizeof(struct kept_event) + properties + 1;
	struct kept_event *kept;
	char *at;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		lengths[i] = strlen(texts[i]);
		total += lengths[i] + 1;
	}
	kept = malloc(total);
	if (kept == NULL)
		return NULL;
	at = kept->text;
	kept->event = *event;
	kept->event.uuid = text_keep(&at, texts[0], lengths[0]);
	kept->event.name = text_keep(&at, texts[1], lengths[1]);
	kept->event.service = text_keep(&at, texts[2], lengths[2]);
	kept->event.version = text_keep(&at, texts[3], lengths[3]);
	kept->event.session = text_keep(&at, texts[4], lengths[4]);
	kept->event.traceparent = text_keep(&at, texts[5], lengths[5]);
	kept->event.properties = text_keep(&at, event->properties, properties);
	*bytes += total;
	return kept;
}

static bool page_grow(struct page *page)
{
	size_t capacity = page->capacity > 0 ? page->capacity * 2 : 64;
	struct kept_event **events = realloc(page->events, capacity * sizeof(struct kept_event *));

	if (events == NULL)
		return false;
	page->events = events;
	page->capacity = capacity;
	return true;
}

static bool on_event_of_page(void *context, const struct fr_event *event)
{
	struct page *page = context;
	struct kept_event *kept = NULL;

	if (page->count < page->capacity || page_grow(page))
		kept = event_keep(event, &page->bytes);
	if (kept == NULL) {
		page->is_short = true;
		return false;
	}
	page->events[page->count++] = kept;
	page->is_full = page->count >= PAGE_EVENTS || page->bytes >= PAGE_BYTES;
	return !page->is_full;
}

static void page_fini(struct page *page)
{
	for (size_t i = 0; i < page->count; i++)
		free(page->events[i]);
	free(page->events);
}

static enum fr_status page_read(const struct cli *cli, const struct fr_event_filter *filter,
				struct page *page, struct fr_error *err)
{
	struct fr_snapshot *snapshot = NULL;
	enum fr_status status = cli_snapshot_open(cli, &snapshot, err);

	if (status == FR_OK)
		status = fr_snapshot_events(snapshot, filter, on_event_of_page, page, err);
	fr_snapshot_close(snapshot);
	if (status == FR_OK && page->is_short)
		status = fr_fail(err, FR_NOMEM, "%s", fr_status_text(FR_NOMEM));
	return status;
}

enum fr_status cli_events_each(const struct cli *cli, const struct fr_event_filter *filter,
			       fr_on_event *on_event, void *context, struct fr_error *err)
{
	struct fr_event_filter rest = *filter;
	enum fr_status status = FR_OK;
	bool more = true;

	while (status == FR_OK && more) {
		struct page page = {0};

		status = page_read(cli, &rest, &page, err);
		more = page.is_full;
		for (size_t i = 0; i < page.count; i++) {
			rest.after_id = page.events[i]->event.id;
			if (!on_event(context, &page.events[i]->event)) {
				more = false;
				break;
			}
		}
		if (rest.last > 0) /* the rest of the newest n */
			rest.last -= page.count < rest.last ? page.count : rest.last;
		more = more && (filter->last == 0 || rest.last > 0);
		page_fini(&page);
	}
	return status;
}

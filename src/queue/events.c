#include "queue/events.h"

#include <stdlib.h>
#include <string.h>

#include "queue/db.h"

enum column {
	COLUMN_ID,
	COLUMN_UUID,
	COLUMN_NAME,
	COLUMN_TIME,
	COLUMN_SEVERITY,
	COLUMN_SERVICE,
	COLUMN_VERSION,
	COLUMN_SESSION,
	COLUMN_SEQ,
	COLUMN_BUCKET,
	COLUMN_CI,
	COLUMN_INTERNAL,
	COLUMN_SENDABLE,
	COLUMN_TRACEPARENT,
	COLUMN_PROPERTIES,
	COLUMN_ROUTE,
};

enum fr_status fr_event_view(struct fr_event *out, sqlite3_stmt *statement, struct fr_error *err)
{
	*out = (struct fr_event){
		.id = sqlite3_column_int64(statement, COLUMN_ID),
		.uuid = fr_db_text(statement, COLUMN_UUID),
		.name = fr_db_text(statement, COLUMN_NAME),
		.time_us = sqlite3_column_int64(statement, COLUMN_TIME),
		.severity = FR_INFO,
		.service = fr_db_text(statement, COLUMN_SERVICE),
		.version = fr_db_text(statement, COLUMN_VERSION),
		.session = fr_db_text(statement, COLUMN_SESSION),
		.seq = sqlite3_column_int64(statement, COLUMN_SEQ),
		.user_bucket = (unsigned)sqlite3_column_int(statement, COLUMN_BUCKET),
		.ci = sqlite3_column_int(statement, COLUMN_CI) != 0,
		.internal = sqlite3_column_int(statement, COLUMN_INTERNAL) != 0,
		.sendable = sqlite3_column_int(statement, COLUMN_SENDABLE) != 0,
		.traceparent = fr_db_text(statement, COLUMN_TRACEPARENT),
		.properties = fr_db_text(statement, COLUMN_PROPERTIES),
		.properties_length = sqlite3_column_bytes(statement, COLUMN_PROPERTIES),
		.route = (const char *)sqlite3_column_text(statement, COLUMN_ROUTE),
	};
	(void)fr_severity_parse(fr_db_text(statement, COLUMN_SEVERITY), &out->severity);
	if (sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM)
		return fr_fail(err, FR_NOMEM, "read events: out of memory");
	return FR_OK;
}

static enum fr_status events_grow(struct fr_events *events, struct fr_error *err)
{
	size_t capacity = events->capacity ? events->capacity * 2 : 16;
	struct fr_event *rows;

	if (events->count < events->capacity)
		return FR_OK;
	rows = realloc(events->rows, capacity * sizeof *rows);
	if (rows == NULL)
		return fr_fail(err, FR_NOMEM, "read events: out of memory");
	events->rows = rows;
	events->capacity = capacity;
	return FR_OK;
}

/* Copies each string behind the one before; with block NULL only measures. */
static size_t copy_strings(struct fr_event *event, char *block)
{
	const char **strings[] = {&event->uuid,    &event->name,      &event->service,
				  &event->version, &event->session,   &event->traceparent,
				  &event->route,   &event->properties};
	size_t used = 0;

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		size_t size;

		if (*strings[i] == NULL)
			continue;
		size = strlen(*strings[i]) + 1;
		if (block != NULL)
			*strings[i] = memcpy(block + used, *strings[i], size);
		used += size;
	}
	return used;
}

enum fr_status fr_events_add(struct fr_events *events, const struct fr_event *event,
			     struct fr_error *err)
{
	struct fr_event copy = *event;
	enum fr_status status = events_grow(events, err);
	char *block;

	if (status != FR_OK)
		return status;
	block = malloc(copy_strings(&copy, NULL));
	if (block == NULL)
		return fr_fail(err, FR_NOMEM, "read events: out of memory");
	(void)copy_strings(&copy, block);
	copy.properties_length = (int64_t)strlen(copy.properties);
	events->rows[events->count++] = copy;
	return FR_OK;
}

void fr_events_free(struct fr_event *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		union {
			const char *borrowed;
			char *owned;
		} block = {.borrowed = rows[i].uuid};

		free(block.owned);
	}
	free(rows);
}

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

enum fr_status fr_events_add(struct fr_events *events, const struct fr_event *event,
			     struct fr_error *err)
{
	struct fr_event copy = *event;
	const char **strings[] = {&copy.uuid,    &copy.name,      &copy.service,
				  &copy.version, &copy.session,   &copy.traceparent,
				  &copy.route,   &copy.properties};
	enum { STRINGS = sizeof strings / sizeof *strings };
	enum fr_status status = events_grow(events, err);
	size_t sizes[STRINGS], total = 0;
	char *block;

	if (status != FR_OK)
		return status;
	for (size_t i = 0; i < STRINGS; i++) {
		sizes[i] = *strings[i] != NULL ? strlen(*strings[i]) + 1 : 0;
		total += sizes[i];
	}
	block = malloc(total);
	if (block == NULL)
		return fr_fail(err, FR_NOMEM, "read events: out of memory");
	for (size_t i = 0; i < STRINGS; block += sizes[i], i++)
		if (*strings[i] != NULL)
			*strings[i] = memcpy(block, *strings[i], sizes[i]);
	copy.properties_length = (int64_t)sizes[STRINGS - 1] - 1;
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

/* Rows of the event table as struct fr_event: copies that outlive the statement. Internal to
 * queue/. */
#ifndef FR_QUEUE_EVENTS_H
#define FR_QUEUE_EVENTS_H

#include <sqlite3.h>

#include "event/event.h"

struct fr_events {
	struct fr_event *rows;
	size_t count;
	size_t capacity;
};

/* The columns that scan_events, select_event and select_dead_letter share, in their order; others
 * may follow. */
enum { FR_EVENT_COLUMNS = 16 };

/* A borrowed view of the row a statement stands on; valid until its next step. FR_NOMEM when SQLite
 * could not hand a text out: an event must not go on with an empty one. */
enum fr_status fr_event_view(struct fr_event *out, sqlite3_stmt *statement, struct fr_error *err);

/* Appends a copy. The strings of one event lie in one block of memory, which begins at uuid. */
enum fr_status fr_events_add(struct fr_events *events, const struct fr_event *event,
			     struct fr_error *err);

/* Frees a list that was moved out of struct fr_events. */
void fr_events_free(struct fr_event *rows, size_t count);

#endif

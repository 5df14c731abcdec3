/* Looking at what is there: the whole, the sinks and their books, the events. Reads only. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/events.h"
#include "queue/members.h"
#include "queue/snapshot.h"
#include "queue/sweep.h"

static int64_t size_beside(const struct fr_snapshot *snapshot, const char *suffix)
{
	char path[FR_PATH_MAX + 8];

	(void)snprintf(path, sizeof path, "%s%s", snapshot->queue.path, suffix);
	return fr_file_size(path);
}

static enum fr_status read_incident(struct fr_snapshot *snapshot, struct fr_queue_facts *out,
				    struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(&snapshot->queue, FR_QUERY_select_incident, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(&snapshot->queue);
	status = fr_db_step(&snapshot->queue, statement, err);
	if (status == FR_OK) {
		out->incident_us = sqlite3_column_int64(statement, 0);
		(void)fr_text_copy(out->incident, sizeof out->incident, fr_db_text(statement, 1));
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_snapshot_facts(struct fr_snapshot *snapshot, struct fr_queue_facts *out,
				 struct fr_error *err)
{
	struct fr_queue *queue = &snapshot->queue;
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_facts, err);
	enum fr_status status;
	int64_t low = 0;

	memset(out, 0, sizeof *out);
	if (statement == NULL)
		return fr_db_fault(&snapshot->queue);
	status = fr_sweep_low(queue, &low, err);
	if (status == FR_OK)
		status = fr_db_bind(queue, statement, err, "i", low);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		out->queued = sqlite3_column_int64(statement, 0);
		out->last_id = sqlite3_column_int64(statement, 1);
		out->oldest_us = sqlite3_column_int64(statement, 2);
		out->newest_us = sqlite3_column_int64(statement, 3);
		out->sessions = sqlite3_column_int64(statement, 4);
		out->dead_letters = sqlite3_column_int64(statement, 5);
	}
	fr_db_finish(statement);
	out->db_bytes = size_beside(snapshot, "");
	out->wal_bytes = size_beside(snapshot, "-wal");
	out->shm_bytes = size_beside(snapshot, "-shm");
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_user_version, &out->schema_version, err,
				   "");
	return status == FR_OK ? read_incident(snapshot, out, err) : status;
}

static void read_books(struct fr_sink_facts *facts, sqlite3_stmt *row)
{
	facts->ended = sqlite3_column_int(row, 1) != 0;
	facts->committed = sqlite3_column_int64(row, 2);
	facts->delivered = sqlite3_column_int64(row, 3);
	facts->dead = sqlite3_column_int64(row, 4);
	facts->dropped = sqlite3_column_int64(row, 5);
	facts->unwanted = sqlite3_column_int64(row, 6);
	facts->in_batches = sqlite3_column_int64(row, 7);
	facts->open_batches = sqlite3_column_int64(row, 8);
	facts->queued = facts->in_batches + sqlite3_column_int64(row, 9);
	facts->oldest_waiting_us = sqlite3_column_int64(row, 10);
	facts->balanced = facts->committed == facts->delivered + facts->dead + facts->dropped +
						      facts->unwanted + facts->queued;
}

enum fr_status fr_snapshot_sinks(struct fr_snapshot *snapshot, fr_on_sink *on_sink, void *context,
				 struct fr_error *err)
{
	struct fr_queue *queue = &snapshot->queue;
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_books, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(&snapshot->queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK) {
		struct fr_sink_facts facts = {0};

		read_books(&facts, statement);
		status = fr_sink_load(queue, sqlite3_column_int64(statement, 0), &facts.row, err);
		if (status != FR_OK)
			break;
		on_sink(context, &facts);
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_snapshot_ledger(struct fr_snapshot *snapshot, fr_on_ledger *on_ledger,
				  void *context, struct fr_error *err)
{
	struct fr_queue *queue = &snapshot->queue;
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_ledger, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(&snapshot->queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK)
		on_ledger(context, fr_db_text(statement, 0), fr_db_text(statement, 1),
			  sqlite3_column_int64(statement, 2));
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_snapshot_refused(struct fr_snapshot *snapshot, fr_on_refused *on_refused,
				   void *context, struct fr_error *err)
{
	struct fr_queue *queue = &snapshot->queue;
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_refused, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(&snapshot->queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK)
		on_refused(context, fr_db_text(statement, 0), fr_db_text(statement, 1),
			   sqlite3_column_int64(statement, 2), sqlite3_column_int64(statement, 3));
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

/* ---- events ---- */

/* Has the sink this event still before it, in a batch or behind its cursor? */
static bool is_before_sink(struct fr_queue *queue, const struct fr_sink_place *place,
			   const struct fr_event *event)
{
	int64_t found;

	if (event->id > place->cursor)
		return event->sendable;
	return fr_db_get(queue, FR_QUERY_is_in_batch, &found, NULL, "ii", place->id, event->id) ==
	       FR_OK;
}

static bool passes(const struct fr_event_filter *filter, const struct fr_event *event)
{
	const char *prefix = filter->uuid_prefix;

	return event->severity >= filter->min_severity && event->time_us >= filter->since_us &&
	       event->id > filter->after_id &&
	       (filter->name_glob == NULL || fr_glob_matches(filter->name_glob, event->name)) &&
	       (prefix == NULL || strncmp(event->uuid, prefix, strlen(prefix)) == 0);
}

/* Walks the rows that pass; stops when on_event says so. */
static enum fr_status walk(struct fr_snapshot *snapshot, enum fr_query query,
			   const struct fr_event_filter *filter, fr_on_event *on_event,
			   void *context, struct fr_error *err)
{
	struct fr_queue *queue = &snapshot->queue;
	sqlite3_stmt *statement = fr_db_statement(queue, query, err);
	struct fr_sink_place place = {0};
	enum fr_status status;
	int64_t low = 0;

	if (statement == NULL)
		return fr_db_fault(&snapshot->queue);
	status = fr_sweep_low(queue, &low, err);
	if (status == FR_OK && filter->sink != NULL)
		status = fr_sink_find(queue, filter->sink, &place, err);
	if (status == FR_NONE)
		status = fr_fail(err, FR_INVALID, "no sink is named %s", filter->sink);
	if (status == FR_OK)
		status = fr_db_bind(queue, statement, err, "iii", filter->after_id, (int64_t)1,
				    INT64_MAX);
	while (status == FR_OK && (status = fr_db_step(queue, statement, err)) == FR_OK) {
		struct fr_event event;

		status = fr_event_view(&event, statement, err);
		if (status != FR_OK)
			break;
		if (!passes(filter, &event) || (event.sendable && event.id <= low) ||
		    (filter->sink != NULL && !is_before_sink(queue, &place, &event)))
			continue;
		if (!on_event(context, &event))
			break;
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

struct newest {
	struct fr_events events;
	size_t most;
	enum fr_status status;
};

static bool keep_newest(void *context, const struct fr_event *event)
{
	struct newest *newest = context;

	newest->status = fr_events_add(&newest->events, event, NULL);
	return newest->status == FR_OK && newest->events.count < newest->most;
}

/* The newest so many, told oldest first. */
static enum fr_status walk_newest(struct fr_snapshot *snapshot,
				  const struct fr_event_filter *filter, fr_on_event *on_event,
				  void *context, struct fr_error *err)
{
	struct newest newest = {.most = filter->last};
	enum fr_status status =
		walk(snapshot, FR_QUERY_scan_events_down, filter, keep_newest, &newest, err);

	if (status == FR_OK && newest.status != FR_OK)
		status = fr_fail(err, newest.status, "read events: out of memory");
	for (size_t i = newest.events.count; status == FR_OK && i > 0; i--)
		if (!on_event(context, &newest.events.rows[i - 1]))
			break;
	fr_events_free(newest.events.rows, newest.events.count);
	return status;
}

enum fr_status fr_snapshot_events(struct fr_snapshot *snapshot,
				  const struct fr_event_filter *filter, fr_on_event *on_event,
				  void *context, struct fr_error *err)
{
	if (filter->last > 0)
		return walk_newest(snapshot, filter, on_event, context, err);
	return walk(snapshot, FR_QUERY_scan_events, filter, on_event, context, err);
}

enum fr_status fr_snapshot_next_batch(struct fr_snapshot *snapshot, const struct fr_claim *claim,
				      struct fr_batch **out, struct fr_error *err)
{
	size_t count = 0;
	int64_t row = 0;
	enum fr_status status =
		fr_batch_open_ids(&snapshot->queue, claim->sink, &row, 1, &count, err);

	*out = NULL;
	if (status == FR_OK && count > 0)
		return fr_batch_load(&snapshot->queue, row, out, err);
	return status == FR_OK ? fr_claim_peek(&snapshot->queue, claim, out, err) : status;
}

/* The happy path is fr_sweep_if_due after an ack: find how far every sink is, and when nothing is
 * queued any more, delete up to there and count. While something is, that would cost more than all
 * else that a batch needs, so what is finished stays, behind every cursor, until it takes too much
 * room or the agent is idle.
 *
 * The newest row is never deleted: when it has left, it is emptied, and what is left of it goes
 * once there is a newer one. Members of open batches are never touched by a limit. What was
 * recorded under `local` belongs to no sink: it is not swept, it goes by a limit.
 *
 * Failures: all of a step or nothing of it happens.
 */
#include "queue/sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "event/severity.h"
#include "queue/ledger.h"
#include "queue/room.h"

enum { FINISHED_SHARE = 8 };

/* How far every sink is, and how far the sweep. */
struct progress {
	int64_t low; /* every live sink has finished with everything up to here */
	int64_t swept;
	int64_t newest;
};

enum fr_status fr_sweep_low(struct fr_queue *queue, int64_t *low, struct fr_error *err)
{
	return fr_db_get(queue, FR_QUERY_select_low, low, err, "");
}

static enum fr_status look(struct fr_queue *queue, struct progress *out, struct fr_error *err)
{
	enum fr_status status = fr_sweep_low(queue, &out->low, err);

	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_queue, &out->swept, err, "");
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_last_id, &out->newest, err, "");
	return status;
}

/* The newest row, if it is a real event up to `end`, has left too. */
static enum fr_status sweep_newest(struct fr_queue *queue, int64_t end, int64_t *swept,
				   struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_newest, err);
	enum fr_status status;
	bool leaves = false;
	int64_t id = 0;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		id = sqlite3_column_int64(statement, 0);
		leaves = id <= end && sqlite3_column_int(statement, 1) != 0 &&
			 sqlite3_column_int(statement, 2) != 0;
	}
	fr_db_finish(statement);
	if (status == FR_OK && leaves) {
		status = fr_db_run(queue, FR_QUERY_empty_newest, err, "i", id);
		*swept += 1;
	}
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_sweep_find_end(struct fr_queue *queue, int64_t after, int64_t last, int64_t *end,
				 struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_sweep_rows, err);
	int64_t left = fr_room_step_bytes(queue);
	enum fr_status status;

	*end = 0;
	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "iii", after, last, (int64_t)FR_SWEEP_ROWS);
	while (status == FR_OK && left > 0) {
		status = fr_db_step(queue, statement, err);
		if (status != FR_OK)
			break;
		*end = sqlite3_column_int64(statement, 0);
		left -= sqlite3_column_bytes(statement, 1);
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

/* Deletes and counts the rows behind what was swept, up to end. */
static enum fr_status sweep_to(struct fr_queue *queue, const struct progress *progress, int64_t end,
			       int64_t *deleted, struct fr_error *err)
{
	enum fr_status status = fr_db_run(queue, FR_QUERY_sweep_events, err, "iii", progress->swept,
					  end, progress->newest);

	if (status == FR_OK)
		*deleted = fr_db_changes(queue);
	if (status == FR_OK) /* the row that was emptied when the sweep came up to it */
		status = fr_db_run(queue, FR_QUERY_delete_stubs, err, "ii", progress->swept, end);
	if (status == FR_OK)
		status = sweep_newest(queue, end, deleted, err);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_update_swept, err, "ii", end, *deleted);
	return status;
}

static enum fr_status sweep_step(struct fr_queue *queue, const struct progress *progress,
				 int64_t *deleted, bool *more, struct fr_error *err)
{
	int64_t end = 0;
	enum fr_status status = FR_OK;

	*deleted = 0;
	*more = false;
	if (progress->low > progress->swept)
		status = fr_sweep_find_end(queue, progress->swept, progress->low, &end, err);
	if (status != FR_OK || end == 0)
		return status;
	*more = end < progress->low;
	if (!*more)
		queue->finished_bytes = 0;
	return sweep_to(queue, progress, end, deleted, err);
}

enum fr_status fr_sweep_finished(struct fr_queue *queue, bool *more, struct fr_error *err)
{
	struct progress progress = {0};
	enum fr_status status = look(queue, &progress, err);
	int64_t deleted;

	*more = false;
	return status == FR_OK ? sweep_step(queue, &progress, &deleted, more, err) : status;
}

enum fr_status fr_sweep_if_due(struct fr_queue *queue, int64_t bytes, struct fr_error *err)
{
	struct progress progress = {0};
	enum fr_status status = look(queue, &progress, err);
	bool is_due, more;
	int64_t deleted;

	queue->finished_bytes += bytes;
	is_due = progress.low >= progress.newest ||
		 queue->finished_bytes >= queue->max_bytes / FINISHED_SHARE;
	return status == FR_OK && is_due ? sweep_step(queue, &progress, &deleted, &more, err)
					 : status;
}

/* What is about to be dropped: a copy, since rows are deleted while it is walked. */
struct victim {
	int64_t id;
	bool sendable;
	char name[FR_NAME_MAX + 1];
};

struct victims {
	struct victim rows[FR_SWEEP_ROWS];
	int64_t count;
	int64_t newest;      /* id of the newest row, which is emptied instead of deleted */
	int64_t blocked_end; /* up to here only blocked sinks want anything */
};

static void victims_add(struct victims *victims, sqlite3_stmt *statement, int name, int sendable)
{
	struct victim *row = &victims->rows[victims->count++];

	row->id = sqlite3_column_int64(statement, 0);
	row->sendable = sqlite3_column_int(statement, sendable) != 0;
	(void)fr_text_copy(row->name, sizeof row->name, fr_db_text(statement, name));
}

/* Books the victims for one sink that has not looked at them yet. */
static enum fr_status book_for_sink(struct fr_queue *queue, const struct victims *victims,
				    int64_t sink, int64_t cursor, const char *reason,
				    struct fr_error *err)
{
	int64_t dropped = 0, unwanted = 0, run = 0;
	enum fr_status status = FR_OK;

	for (int64_t i = 0; status == FR_OK && i < victims->count; i++) {
		const struct victim *row = &victims->rows[i];
		bool ends_run = i + 1 == victims->count || strcmp(row->name, row[1].name) != 0;

		if (row->id > cursor) {
			run += row->sendable;
			dropped += row->sendable;
			unwanted += !row->sendable;
		}
		if (ends_run) { /* one line of history for neighbours of one name */
			status =
				fr_ledger_note(queue, sink, FR_LEDGER_DROPPED, row->name, run, err);
			run = 0;
		}
	}
	if (status == FR_OK)
		status = fr_ledger_book(queue, sink, FR_LEDGER_DROPPED, reason, dropped, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, sink, FR_LEDGER_UNWANTED, "", unwanted, err);
	return status;
}

static enum fr_status book_victims(struct fr_queue *queue, const struct victims *victims,
				   const char *reason, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_live_sinks, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK) {
		status = book_for_sink(queue, victims, sqlite3_column_int64(statement, 0),
				       sqlite3_column_int64(statement, 2), reason, err);
		if (status != FR_OK)
			break;
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

static enum fr_status drop_victims(struct fr_queue *queue, const struct victims *victims,
				   const char *reason, struct fr_error *err)
{
	enum fr_status status = book_victims(queue, victims, reason, err);

	for (int64_t i = 0; status == FR_OK && i < victims->count; i++) {
		int64_t id = victims->rows[i].id;
		bool newest = id == victims->newest;

		status = fr_db_run(queue, newest ? FR_QUERY_empty_newest : FR_QUERY_delete_event,
				   err, "i", id);
	}
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_update_swept, err, "ii", (int64_t)0,
				   victims->count);
	return status;
}

/* The oldest rows of a severity before `end`. */
static enum fr_status pick_before(struct fr_queue *queue, const char *severity, int64_t end,
				  int64_t rows, struct victims *victims, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_evict, err);
	int64_t bytes = 0, looked_at = end - 1;
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "sii", severity, end, rows);
	while (status == FR_OK && victims->count < rows && bytes < fr_room_step_bytes(queue)) {
		status = fr_db_step(queue, statement, err);
		if (status != FR_OK)
			break;
		victims_add(victims, statement, 1, 2);
		bytes += sqlite3_column_int64(statement, 3);
	}
	fr_db_finish(statement);
	if (status == FR_OK) /* there may be more behind the last one */
		looked_at = victims->rows[victims->count - 1].id;
	if (status == FR_OK || status == FR_NONE)
		status = fr_db_run(queue, FR_QUERY_update_evict, err, "si", severity, looked_at);
	return status;
}

/* What only blocked sinks still want goes before what a working one is about to deliver. */
static enum fr_status pick_by_severity(struct fr_queue *queue, const char *severity, int64_t rows,
				       struct victims *victims, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	if (victims->blocked_end + 1 < victims->newest)
		status = pick_before(queue, severity, victims->blocked_end + 1, rows, victims, err);
	if (status == FR_OK && victims->count == 0)
		status = pick_before(queue, severity, victims->newest, rows, victims, err);
	return status;
}

/* The lowest severity that has rows which may go. */
static enum fr_status pick_victims(struct fr_queue *queue, int64_t rows, struct victims *victims,
				   struct fr_error *err)
{
	enum fr_status status = FR_OK;

	for (int round = 0; round < 2 && victims->count == 0; round++) {
		if (round == 1) /* what was in a batch when the cursors passed may be free now */
			status = fr_db_run(queue, FR_QUERY_reset_evict, err, "");
		for (int s = FR_TRACE; status == FR_OK && s <= FR_FATAL && victims->count == 0; s++)
			status = pick_by_severity(queue, fr_severity_name((enum fr_severity)s),
						  rows, victims, err);
		if (status != FR_OK)
			break;
	}
	return status;
}

/* What is only told about goes before what is still to be told. */
static enum fr_status give_up_sent(struct fr_queue *queue, int64_t rows, int64_t *evicted,
				   struct fr_error *err)
{
	enum fr_status status =
		fr_db_run(queue, FR_QUERY_evict_sent, err, "ii", rows, fr_room_step_bytes(queue));

	if (status == FR_OK)
		*evicted = fr_db_changes(queue);
	return status;
}

/* A step of what every sink has finished with. One that meets only rows of `local` deletes nothing:
 * then the next, which begins behind it, up to the end of what is finished. */
static enum fr_status evict_finished(struct fr_queue *queue, struct progress *progress,
				     int64_t *evicted, struct fr_error *err)
{
	enum fr_status status;
	bool more = false;

	do {
		status = look(queue, progress, err);
		if (status == FR_OK)
			status = sweep_step(queue, progress, evicted, &more, err);
	} while (status == FR_OK && more && *evicted == 0);
	return status;
}

/* Inside a transaction. */
static enum fr_status evict(struct fr_queue *queue, int64_t rows, struct victims *victims,
			    int64_t *evicted, struct fr_error *err)
{
	struct progress progress = {0};
	enum fr_status status = evict_finished(queue, &progress, evicted, err);

	if (status == FR_OK && *evicted == 0)
		status = give_up_sent(queue, rows, evicted, err);
	if (status != FR_OK || *evicted > 0)
		return status;
	victims->newest = victims->blocked_end = progress.newest;
	status = fr_db_get(queue, FR_QUERY_select_blocked_end, &victims->blocked_end, err, "");
	if (status == FR_OK || status == FR_NONE) /* none is well, or there is none */
		status = pick_victims(queue, rows, victims, err);
	if (status == FR_OK)
		status = drop_victims(queue, victims, "full", err);
	*evicted = victims->count;
	return status;
}

enum fr_status fr_sweep_evict(struct fr_queue *queue, int64_t rows, int64_t *evicted,
			      struct fr_error *err)
{
	struct victims *victims = calloc(1, sizeof *victims);
	enum fr_status status;
	int64_t gone = 0;

	*evicted = 0;
	if (victims == NULL)
		return fr_fail(err, FR_NOMEM, "evict: out of memory");
	status = fr_queue_begin(queue, err);
	if (status == FR_OK)
		status = evict(queue, rows, victims, &gone, err);
	FR_CRASH_POINT("queue.evict.before_commit");
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	if (status == FR_OK)
		*evicted = gone;
	fr_queue_rollback(queue);
	free(victims);
	return status;
}

enum { UUID_BEGIN = 24 }; /* its first 13 characters, and more than any int64_t needs */

/* How the UUIDv7 of what is recorded at a time begins; as texts they sort like the times. (The
 * event's own time may lie years back.) */
static void uuid_begin(char out[UUID_BEGIN], int64_t time_us)
{
	unsigned long long ms = time_us > 0 ? (unsigned long long)time_us / 1000 : 0;

	(void)snprintf(out, UUID_BEGIN, "%08llx-%04llx", ms >> 16, ms & 0xffff);
}

/* The oldest rows that are too old, as many as a step may take; *more: it may not have been all.
 * Rows in a batch are passed over: their answer decides. */
static enum fr_status pick_old(struct fr_queue *queue, int64_t limit_us, struct victims *victims,
			       bool *more, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_oldest, err);
	int64_t bytes_left = fr_room_step_bytes(queue);
	char now[UUID_BEGIN], limit[UUID_BEGIN];
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	uuid_begin(now, fr_env_wall_us(queue->env));
	uuid_begin(limit, limit_us);
	status = fr_db_bind(queue, statement, err, "s", now);
	while (status == FR_OK && victims->count < FR_SWEEP_ROWS && bytes_left > 0) {
		status = fr_db_step(queue, statement, err);
		if (status == FR_OK && strcmp(fr_db_text(statement, 1), limit) >= 0)
			status = FR_NONE;
		if (status != FR_OK)
			break;
		victims_add(victims, statement, 2, 3);
		bytes_left -= sqlite3_column_bytes(statement, 4);
	}
	fr_db_finish(statement);
	*more = status == FR_OK;
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_sweep_old(struct fr_queue *queue, int64_t limit_us, bool *more,
			    struct fr_error *err)
{
	struct victims *victims = calloc(1, sizeof *victims);
	enum fr_status status;
	bool found_more = false;

	*more = false;
	if (victims == NULL)
		return fr_fail(err, FR_NOMEM, "drop old events: out of memory");
	status = fr_queue_begin(queue, err);
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_last_id, &victims->newest, err, "");
	if (status == FR_OK)
		status = pick_old(queue, limit_us, victims, &found_more, err);
	if (status == FR_OK && victims->count > 0)
		status = fr_db_run(queue, FR_QUERY_delete_stubs, err, "ii", (int64_t)0,
				   victims->rows[0].id);
	if (status == FR_OK && victims->count > 0)
		status = drop_victims(queue, victims, "age", err);
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	if (status == FR_OK)
		*more = found_more;
	fr_queue_rollback(queue);
	free(victims);
	return status;
}

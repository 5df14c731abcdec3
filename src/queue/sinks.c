/* The happy path: at start the agent names its sinks; each keeps its row, its cursor and its retry
 * state.
 *
 * A sink that is removed lets go of everything: what it had not finished is booked as
 * dropped{removed}, and its books stop at the newest id. One that comes (back) begins where the
 * rows begin, with `start` chosen so that its books balance.
 */
#include "queue/sinks.h"

#include <string.h>

#include "queue/db.h"
#include "queue/ledger.h"
#include "queue/sweep.h"

static enum fr_status book_unfinished(struct fr_queue *queue, int64_t sink, const char *reason,
				      struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_count_unfinished, err);
	int64_t sendable = 0, local = 0, in_batches = 0, in_dead = 0;
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "i", sink);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		sendable = sqlite3_column_int64(statement, 0);
		local = sqlite3_column_int64(statement, 1);
	}
	fr_db_finish(statement);
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_sum_batches, &in_batches, err, "is", sink,
				   "event");
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_sum_batches, &in_dead, err, "is", sink, "dead");
	if (status == FR_OK)
		status = fr_ledger_book(queue, sink, FR_LEDGER_DROPPED, reason,
					sendable + in_batches, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, sink, FR_LEDGER_UNWANTED, "", local, err);
	if (status == FR_OK) /* dead letters on their way out are dead letters again */
		status = fr_ledger_book(queue, sink, FR_LEDGER_DEAD, "", in_dead, err);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_batches_of_sink, err, "i", sink);
	return status;
}

enum fr_status fr_sinks_book_all(struct fr_queue *queue, const char *reason, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_live_sinks, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK) {
		status = book_unfinished(queue, sqlite3_column_int64(statement, 0), reason, err);
		if (status != FR_OK)
			break;
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

static bool is_wanted(const struct fr_sink_want *wants, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(wants[i].name, name) == 0)
			return true;
	return false;
}

/* Ends the first live sink that is not wanted; FR_NONE when there is none. */
static enum fr_status end_one(struct fr_queue *queue, const struct fr_sink_want *wants,
			      size_t count, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_live_sinks, err);
	enum fr_status status;
	int64_t sink = 0;

	if (statement == NULL)
		return fr_db_fault(queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK && sink == 0)
		if (!is_wanted(wants, count, fr_db_text(statement, 1)))
			sink = sqlite3_column_int64(statement, 0);
	fr_db_finish(statement);
	if (sink == 0)
		return status;
	status = book_unfinished(queue, sink, "removed", err);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_retries, err, "ii", sink, INT64_MAX);
	return status == FR_OK ? fr_db_run(queue, FR_QUERY_end_sink, err, "i", sink) : status;
}

enum fr_status fr_sink_find(struct fr_queue *queue, const char *name, struct fr_sink_place *out,
			    struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_sink_by_name, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "s", name);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		out->id = sqlite3_column_int64(statement, 0);
		out->has_ended = sqlite3_column_int(statement, 1) != 0;
		out->cursor = sqlite3_column_int64(statement, 2);
	}
	fr_db_finish(statement);
	return status;
}

static enum fr_status begin_one(struct fr_queue *queue, struct fr_sink_want *want,
				struct fr_error *err)
{
	struct fr_sink_place known = {0};
	int64_t swept = 0;
	enum fr_status status = fr_sink_find(queue, want->name, &known, err);

	if (status == FR_OK && !known.has_ended) {
		want->id = known.id;
		return fr_db_run(queue, FR_QUERY_update_sink_type, err, "is", known.id, want->type);
	}
	if (status == FR_NONE)
		status = fr_db_get(queue, FR_QUERY_insert_sink, &known.id, err, "ss", want->name,
				   want->type);
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_queue, &swept, err, "");
	want->id = known.id;
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_start_sink, err, "iis", known.id,
				   known.cursor > swept ? known.cursor : swept, want->type);
	return status;
}

/* What the sinks of before have finished with is none of the new ones' business. In steps, each a
 * transaction of its own. */
static enum fr_status sweep_all(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status;
	bool more = false;

	do {
		status = fr_queue_begin(queue, err);
		if (status == FR_OK)
			status = fr_sweep_finished(queue, &more, err);
		if (status == FR_OK)
			status = fr_queue_commit(queue, err);
		fr_queue_rollback(queue);
	} while (status == FR_OK && more);
	return status;
}

/* Is each live sink wanted, and each that is wanted live? */
static enum fr_status are_as_wanted(struct fr_queue *queue, const struct fr_sink_want *wants,
				    size_t count, bool *same, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_live_sinks, err);
	enum fr_status status;
	size_t live = 0;

	*same = true;
	if (statement == NULL)
		return fr_db_fault(queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK) {
		*same = *same && is_wanted(wants, count, fr_db_text(statement, 1));
		live++;
	}
	fr_db_finish(statement);
	*same = *same && live == count;
	return status == FR_NONE ? FR_OK : status;
}

/* Begins the transaction; where the sinks will be others, what is finished has been swept. */
static enum fr_status begin_set(struct fr_queue *queue, const struct fr_sink_want *wants,
				size_t count, struct fr_error *err)
{
	enum fr_status status = fr_queue_begin(queue, err);
	bool same = true;

	if (status == FR_OK)
		status = are_as_wanted(queue, wants, count, &same, err);
	if (status == FR_OK && same)
		return FR_OK;
	fr_queue_rollback(queue);
	if (status == FR_OK)
		status = sweep_all(queue, err);
	return status == FR_OK ? fr_queue_begin(queue, err) : status;
}

enum fr_status fr_sinks_set(struct fr_queue *queue, struct fr_sink_want *wants, size_t count,
			    struct fr_error *err)
{
	enum fr_status status = begin_set(queue, wants, count, err);
	bool more;

	if (status != FR_OK)
		return status;
	while ((status = end_one(queue, wants, count, err)) == FR_OK)
		;
	if (status == FR_NONE)
		status = FR_OK;
	for (size_t i = 0; status == FR_OK && i < count; i++)
		status = begin_one(queue, &wants[i], err);
	if (status == FR_OK)
		status = fr_sweep_finished(queue, &more, err);
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	fr_queue_rollback(queue);
	return status;
}

static void read_retry(struct fr_retry *retry, sqlite3_stmt *statement)
{
	retry->paused = sqlite3_column_int(statement, 4) != 0;
	(void)fr_text_copy(retry->kind, sizeof retry->kind, fr_db_text(statement, 5));
	(void)fr_text_copy(retry->reason, sizeof retry->reason, fr_db_text(statement, 6));
	retry->attempts = (unsigned)sqlite3_column_int(statement, 7);
	retry->wait_us = sqlite3_column_int64(statement, 8);
	retry->saved_boot_us = sqlite3_column_int64(statement, 9);
	(void)fr_text_copy(retry->boot_id, sizeof retry->boot_id, fr_db_text(statement, 10));
	retry->since_us = sqlite3_column_int64(statement, 11);
	retry->last_success_us = sqlite3_column_int64(statement, 12);
	retry->limit_bytes = sqlite3_column_int64(statement, 13);
	retry->ramp = (unsigned)sqlite3_column_int(statement, 14);
	retry->streak = (unsigned)sqlite3_column_int(statement, 15);
	retry->ambiguous = (unsigned)sqlite3_column_int(statement, 16);
}

enum fr_status fr_sink_load(struct fr_queue *queue, int64_t sink, struct fr_sink_row *out,
			    struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_sink, err);
	enum fr_status status;

	memset(out, 0, sizeof *out);
	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "i", sink);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		out->id = sqlite3_column_int64(statement, 0);
		(void)fr_text_copy(out->name, sizeof out->name, fr_db_text(statement, 1));
		(void)fr_text_copy(out->type, sizeof out->type, fr_db_text(statement, 2));
		read_retry(&out->retry, statement);
	}
	fr_db_finish(statement);
	return status;
}

enum fr_status fr_sink_save_retry(struct fr_queue *queue, int64_t sink,
				  const struct fr_retry *retry, struct fr_error *err)
{
	return fr_db_run(queue, FR_QUERY_update_retry, err, "iissiiisiiiiii", sink,
			 (int64_t)retry->paused, retry->kind, retry->reason,
			 (int64_t)retry->attempts, retry->wait_us, retry->saved_boot_us,
			 retry->boot_id, retry->since_us, retry->last_success_us,
			 retry->limit_bytes, (int64_t)retry->ramp, (int64_t)retry->streak,
			 (int64_t)retry->ambiguous);
}

/* Counts the rows behind the cursor, no more than limit; *waiting: those that may be sent. */
static enum fr_status count_waiting(struct fr_queue *queue, int64_t sink, size_t limit,
				    size_t *waiting, size_t *seen, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_backlog, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "ii", sink, (int64_t)limit);
	while (status == FR_OK && (status = fr_db_step(queue, statement, err)) == FR_OK) {
		*seen += 1;
		*waiting += sqlite3_column_int(statement, 0) != 0;
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_sink_backlog(struct fr_queue *queue, int64_t sink, size_t limit,
			       struct fr_backlog *out, struct fr_error *err)
{
	size_t most = limit > FR_CLAIM_SCAN ? limit : FR_CLAIM_SCAN, seen = 0;
	int64_t open = 0, asked = 0;
	enum fr_status status;

	memset(out, 0, sizeof *out);
	status = count_waiting(queue, sink, most, &out->waiting, &seen, err);
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_count_open_batches, &open, err, "i", sink);
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_has_retries, &asked, err, "i", sink);
	out->open_batches = (size_t)open;
	out->more = seen >= most || asked != 0;
	return status;
}

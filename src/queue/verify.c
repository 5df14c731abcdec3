/* Does the file hold together, and do the books add up? Recomputes everything from the rows;
 * changes nothing. And any other question, in the caller's own SQL.
 */
#include <stdio.h>
#include <string.h>

#include "queue/snapshot.h"

struct check {
	enum fr_query query;
	void (*tell)(char *out, size_t size, sqlite3_stmt *row);
};

static void tell_books(char *out, size_t size, sqlite3_stmt *row)
{
	(void)snprintf(out, size, "sink %s: committed %lld events, but the books account for %lld",
		       fr_db_text(row, 0), (long long)sqlite3_column_int64(row, 1),
		       (long long)sqlite3_column_int64(row, 2));
}

static void tell_rows(char *out, size_t size, sqlite3_stmt *row)
{
	(void)snprintf(
		out, size, "%lld events were ever recorded, but %lld are here and %lld have left",
		(long long)sqlite3_column_int64(row, 0), (long long)sqlite3_column_int64(row, 1),
		(long long)sqlite3_column_int64(row, 2));
}

static void tell_dead(char *out, size_t size, sqlite3_stmt *row)
{
	(void)snprintf(out, size, "sink %s: %lld dead letters are booked, but %lld are kept",
		       fr_db_text(row, 0), (long long)sqlite3_column_int64(row, 1),
		       (long long)sqlite3_column_int64(row, 2));
}

static void tell_batch(char *out, size_t size, sqlite3_stmt *row)
{
	(void)snprintf(
		out, size, "batch %s of sink %s was frozen with %lld events, but %lld are here",
		fr_db_text(row, 0), fr_db_text(row, 1), (long long)sqlite3_column_int64(row, 2),
		(long long)sqlite3_column_int64(row, 3));
}

static void tell_frozen(char *out, size_t size, sqlite3_stmt *row)
{
	(void)snprintf(out, size, "sink %s: event %lld stands in %lld open batches",
		       fr_db_text(row, 0), (long long)sqlite3_column_int64(row, 1),
		       (long long)sqlite3_column_int64(row, 2));
}

static void tell_integrity(char *out, size_t size, sqlite3_stmt *row)
{
	(void)snprintf(out, size, "%s", fr_db_text(row, 0));
}

static const struct check checks[] = {
	{FR_QUERY_integrity_check, tell_integrity}, {FR_QUERY_verify_books, tell_books},
	{FR_QUERY_verify_rows, tell_rows},          {FR_QUERY_verify_dead, tell_dead},
	{FR_QUERY_verify_batches, tell_batch},      {FR_QUERY_verify_frozen, tell_frozen},
};

static enum fr_status run_check(struct fr_queue *queue, const struct check *check,
				fr_on_finding *on_finding, void *context, unsigned *findings,
				struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, check->query, err);
	enum fr_status status;
	char sentence[512];

	if (statement == NULL)
		return fr_db_fault(queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK) {
		check->tell(sentence, sizeof sentence, statement);
		if (strcmp(sentence, "ok") == 0) /* integrity_check's way of finding nothing */
			continue;
		*findings += 1;
		on_finding(context, sentence);
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_snapshot_verify(struct fr_snapshot *snapshot, fr_on_finding *on_finding,
				  void *context, unsigned *findings, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	*findings = 0;
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		struct fr_error fault = {0};

		status = run_check(&snapshot->queue, &checks[i], on_finding, context, findings,
				   &fault);
		if (status == FR_CORRUPT) { /* that is a finding, not a failure to look */
			*findings += 1;
			on_finding(context, fault.text);
			status = FR_OK;
		}
		if (status != FR_OK)
			return fr_fail(err, status, "%s", fault.text);
	}
	return FR_OK;
}

enum { COLUMNS_MOST = 256 };

static bool hand_row(sqlite3_stmt *statement, int columns, fr_on_row *on_row, void *context)
{
	struct fr_cell cells[COLUMNS_MOST];

	for (int i = 0; i < columns; i++) {
		int type = sqlite3_column_type(statement, i); /* asked before it is converted */

		cells[i] = (struct fr_cell){
			.name = sqlite3_column_name(statement, i),
			.text = (const char *)sqlite3_column_text(statement, i),
			.length = (size_t)sqlite3_column_bytes(statement, i),
			.is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT,
		};
	}
	return on_row(context, cells, columns);
}

enum fr_status fr_snapshot_query(struct fr_snapshot *snapshot, const char *sql, fr_on_row *on_row,
				 void *context, struct fr_error *err)
{
	struct fr_queue *queue = &snapshot->queue;
	sqlite3_stmt *statement = NULL;
	const char *rest = "";
	enum fr_status status = FR_OK;
	int columns;

	if (sqlite3_prepare_v2(queue->db, sql, -1, &statement, &rest) != SQLITE_OK)
		return fr_fail(err, FR_INVALID, "%s", sqlite3_errmsg(queue->db));
	if (statement == NULL)
		return fr_fail(err, FR_INVALID, "there is no statement in that");
	columns = sqlite3_column_count(statement);
	if (!sqlite3_stmt_readonly(statement))
		status = fr_fail(err, FR_INVALID, "only questions: this statement would write");
	else if (rest[strspn(rest, " \t\r\n;")] != '\0')
		status = fr_fail(err, FR_INVALID, "one statement at a time");
	else if (columns > COLUMNS_MOST)
		status = fr_fail(err, FR_INVALID, "more than %d columns", COLUMNS_MOST);
	while (status == FR_OK && (status = fr_db_step(queue, statement, err)) == FR_OK)
		if (!hand_row(statement, columns, on_row, context))
			break;
	(void)sqlite3_finalize(statement);
	return status == FR_NONE ? FR_OK : status;
}

/* The happy path: the first addition of a turn begins a transaction, further ones join it, commit
 * ends it.
 *
 * Failures: a statement that fails marks the turn as spoiled. Whoever asked is told; commit then
 * rolls back and tells the rest, so that no answer claims what was not kept. */
#include "intake/store_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "intake_sql.h"

enum { APPLICATION_ID = 0x66724931, SCHEMA_VERSION = 1, BUSY_MS = 1000 };

static const char *const statement_sql[INTAKE_STATEMENTS] = {
	[INTAKE_BEGIN] = fr_sql_begin,
	[INTAKE_COMMIT] = fr_sql_commit,
	[INTAKE_ROLLBACK] = fr_sql_rollback,
	[INTAKE_SELECT_BATCH] = fr_sql_select_batch,
	[INTAKE_COUNT_BATCH] = fr_sql_count_batch,
	[INTAKE_INSERT_EVENT] = fr_sql_insert_event,
	[INTAKE_REPEAT_EVENT] = fr_sql_repeat_event,
	[INTAKE_INSERT_REQUEST] = fr_sql_insert_request,
	[INTAKE_FIRST_VIEW + INTAKE_VIEW_STATS] = fr_sql_view_stats,
	[INTAKE_FIRST_VIEW + INTAKE_VIEW_SUMMARY] = fr_sql_view_summary,
	[INTAKE_FIRST_VIEW + INTAKE_VIEW_IDS] = fr_sql_view_ids,
	[INTAKE_FIRST_VIEW + INTAKE_VIEW_EVENTS] = fr_sql_view_events,
	[INTAKE_FIRST_VIEW + INTAKE_VIEW_REQUESTS] = fr_sql_view_requests,
	[INTAKE_FIRST_VIEW + INTAKE_VIEW_BODY] = fr_sql_view_body,
	[INTAKE_FIRST_VIEW + INTAKE_VIEW_HEADERS] = fr_sql_view_headers,
};

enum fr_status intake_store_fail(struct intake_store *store, const char *doing,
				 struct fr_error *err)
{
	store->is_spoiled = store->in_turn;
	int code = sqlite3_errcode(store->db);
	enum fr_status status = code == SQLITE_BUSY     ? FR_BUSY
				: code == SQLITE_FULL   ? FR_FULL
				: code == SQLITE_NOMEM  ? FR_NOMEM
				: code == SQLITE_NOTADB ? FR_INVALID
							: FR_IO;
	return fr_fail(err, status, "%s: %s", doing, sqlite3_errmsg(store->db));
}

/* Opening */

static enum fr_status store_execute(struct intake_store *store, const char *sql, const char *doing,
				    struct fr_error *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return intake_store_fail(store, doing, err);
	return FR_OK;
}

/* The first row's columns, up to three integers. */
static enum fr_status store_ask(struct intake_store *store, const char *sql, int64_t answers[3],
				struct fr_error *err)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW) {
		sqlite3_finalize(statement);
		return intake_store_fail(store, "read the store", err);
	}
	for (int i = 0; i < sqlite3_column_count(statement) && i < 3; i++)
		answers[i] = sqlite3_column_int64(statement, i);
	sqlite3_finalize(statement);
	return FR_OK;
}

static enum fr_status store_prepare(struct intake_store *store, const char *path,
				    struct fr_error *err)
{
	int64_t identity[3] = {0, 0, 0};
	enum fr_status status = store_ask(store, fr_sql_select_identity, identity, err);
	if (status != FR_OK)
		return status;
	bool is_new = identity[0] == 0 && identity[2] == 0;
	if (!is_new && (identity[0] != APPLICATION_ID || identity[1] != SCHEMA_VERSION))
		return fr_fail(err, FR_INVALID, "the file is not a store of this intake");
	status = store_execute(store, path == NULL ? fr_sql_open_memory : fr_sql_open_file,
			       "set the store up", err);
	if (status == FR_OK && is_new)
		status = store_execute(store, fr_sql_schema, "create the tables", err);
	for (int i = 0; i < INTAKE_STATEMENTS && status == FR_OK; i++)
		if (sqlite3_prepare_v3(store->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &store->statements[i], NULL) != SQLITE_OK)
			status = intake_store_fail(store, "prepare a statement", err);
	int64_t last[3] = {0, 0, 0};
	if (status == FR_OK)
		status = store_ask(store, fr_sql_select_last_request, last, err);
	store->next_request = last[0] + 1;
	return status;
}

enum fr_status intake_store_open(struct intake_store **out, const char *path, struct fr_error *err)
{
	struct intake_store *store = calloc(1, sizeof(*store));
	if (store == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	enum fr_status status = FR_OK;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int code = path != NULL ? sqlite3_open_v2(path, &store->db, flags, NULL)
				: sqlite3_open_v2("intake", &store->db, flags, "memdb");
	if (code != SQLITE_OK)
		status = intake_store_fail(store, "open the store", err);
	if (status == FR_OK && sqlite3_busy_timeout(store->db, BUSY_MS) == SQLITE_OK)
		status = store_prepare(store, path, err);
	if (status != FR_OK) {
		intake_store_close(store);
		return path != NULL ? fr_fail_within(err, status, "%s: ", path) : status;
	}
	*out = store;
	return FR_OK;
}

void intake_store_close(struct intake_store *store)
{
	if (store == NULL)
		return;
	for (int i = 0; i < INTAKE_STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	(void)sqlite3_close(store->db);
	free(store);
}

/* Turns */

enum fr_status intake_store_run(struct intake_store *store, enum intake_statement which,
				int64_t *answer, struct fr_error *err)
{
	sqlite3_stmt *statement = store->statements[which];
	int code = sqlite3_step(statement);
	if (code == SQLITE_ROW && answer != NULL)
		*answer = sqlite3_column_int64(statement, 0);
	while (code == SQLITE_ROW)
		code = sqlite3_step(statement);
	enum fr_status status = FR_OK;
	if (code != SQLITE_DONE)
		status = intake_store_fail(store, "write to the store", err);
	(void)sqlite3_reset(statement);
	return status;
}

enum fr_status intake_store_begin(struct intake_store *store, struct fr_error *err)
{
	if (store->in_turn)
		return FR_OK;
	enum fr_status status = intake_store_run(store, INTAKE_BEGIN, NULL, err);
	store->in_turn = status == FR_OK;
	return status;
}

enum fr_status intake_store_commit(struct intake_store *store, struct fr_error *err)
{
	if (!store->in_turn)
		return FR_OK;
	enum fr_status status = FR_OK;
	if (store->is_spoiled)
		status = fr_fail(err, FR_IO, "the store could not be written to");
	else
		status = intake_store_run(store, INTAKE_COMMIT, NULL, err);
	if (status != FR_OK && sqlite3_get_autocommit(store->db) == 0)
		(void)intake_store_run(store, INTAKE_ROLLBACK, NULL, NULL);
	store->in_turn = false;
	store->is_spoiled = false;
	return status;
}

/* Reading */

/* Runs a view whose parameter is bound, and counts its rows. */
static enum fr_status store_list(struct intake_store *store, enum intake_view view,
				 struct fr_buffer *out, size_t *rows, struct fr_error *err)
{
	sqlite3_stmt *statement = store->statements[INTAKE_FIRST_VIEW + view];
	enum fr_status status = FR_OK;
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		const void *data = sqlite3_column_blob(statement, 0);
		if (data != NULL)
			fr_buffer_add(out, data, (size_t)sqlite3_column_bytes(statement, 0));
		if (view < INTAKE_VIEW_BODY)
			fr_buffer_add_char(out, '\n');
		++*rows;
	}
	if (code != SQLITE_DONE)
		status = intake_store_fail(store, "read the store", err);
	(void)sqlite3_reset(statement);
	(void)sqlite3_clear_bindings(statement);
	if (status == FR_OK && out->status != FR_OK)
		return fr_fail(err, out->status, "more than can be shown at once");
	return status;
}

enum fr_status intake_store_show(struct intake_store *store, enum intake_view view,
				 const char *path, struct fr_buffer *out, struct fr_error *err)
{
	assert(view < INTAKE_VIEW_BODY);
	size_t rows = 0;
	if (path != NULL)
		(void)sqlite3_bind_text(store->statements[INTAKE_FIRST_VIEW + view], 1, path, -1,
					SQLITE_STATIC);
	return store_list(store, view, out, &rows, err);
}

enum fr_status intake_store_show_request(struct intake_store *store, enum intake_view view,
					 int64_t request, struct fr_buffer *out,
					 struct fr_error *err)
{
	assert(view >= INTAKE_VIEW_BODY);
	size_t rows = 0;
	(void)sqlite3_bind_int64(store->statements[INTAKE_FIRST_VIEW + view], 1, request);
	enum fr_status status = store_list(store, view, out, &rows, err);
	return status == FR_OK && rows == 0 ? FR_NONE : status;
}

enum fr_status intake_store_reset(struct intake_store *store, struct fr_error *err)
{
	enum fr_status status = intake_store_begin(store, err);
	if (status == FR_OK)
		status = store_execute(store, fr_sql_delete_all, "empty the store", err);
	store->next_request = 1;
	return status;
}

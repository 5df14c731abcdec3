/* The happy path: the first addition of a turn begins a transaction; a batch is looked up and
 * counted, its events are inserted one by one, the few that were there before are counted again;
 * then the request is inserted; commit ends the turn.
 *
 * Failures: a statement that fails marks the turn as spoiled. Whoever asked is told; commit then
 * rolls back and tells the rest, so that no answer claims what was not kept. */
#include "intake/store.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>
#include <sqlite3.h>

#include "intake/format.h"
#include "intake_sql.h"

enum {
	APPLICATION_ID = 0x66724931,
	SCHEMA_VERSION = 1,
	BUSY_MS = 1000,
	ANSWER_KEPT = 4096,
};

enum statement {
	BEGIN,
	COMMIT,
	ROLLBACK,
	SELECT_BATCH,
	COUNT_BATCH,
	INSERT_EVENT,
	REPEAT_EVENT,
	INSERT_REQUEST,
	VIEW_STATS,
	VIEW_SUMMARY,
	VIEW_IDS,
	VIEW_EVENTS,
	VIEW_REQUESTS,
	VIEW_BODY,
	VIEW_HEADERS,
	STATEMENTS,
};

static const char *const statement_sql[STATEMENTS] = {
	[BEGIN] = fr_sql_begin,
	[COMMIT] = fr_sql_commit,
	[ROLLBACK] = fr_sql_rollback,
	[SELECT_BATCH] = fr_sql_select_batch,
	[COUNT_BATCH] = fr_sql_count_batch,
	[INSERT_EVENT] = fr_sql_insert_event,
	[REPEAT_EVENT] = fr_sql_repeat_event,
	[INSERT_REQUEST] = fr_sql_insert_request,
	[VIEW_STATS] = fr_sql_view_stats,
	[VIEW_SUMMARY] = fr_sql_view_summary,
	[VIEW_IDS] = fr_sql_view_ids,
	[VIEW_EVENTS] = fr_sql_view_events,
	[VIEW_REQUESTS] = fr_sql_view_requests,
	[VIEW_BODY] = fr_sql_view_body,
	[VIEW_HEADERS] = fr_sql_view_headers,
};

static const struct {
	enum statement statement;
	bool is_of_request;
} views[] = {
	[INTAKE_VIEW_STATS] = {VIEW_STATS, false},
	[INTAKE_VIEW_SUMMARY] = {VIEW_SUMMARY, false},
	[INTAKE_VIEW_IDS] = {VIEW_IDS, false},
	[INTAKE_VIEW_EVENTS] = {VIEW_EVENTS, false},
	[INTAKE_VIEW_REQUESTS] = {VIEW_REQUESTS, false},
	[INTAKE_VIEW_BODY] = {VIEW_BODY, true},
	[INTAKE_VIEW_HEADERS] = {VIEW_HEADERS, true},
};

struct intake_store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	int64_t next_request;
	bool in_turn;    /* a transaction is open */
	bool is_spoiled; /* ... and something in it failed */
};

static enum fr_status store_fail(struct intake_store *store, const char *doing,
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
		return store_fail(store, doing, err);
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
		return store_fail(store, "read the store", err);
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
	for (int i = 0; i < STATEMENTS && status == FR_OK; i++)
		if (sqlite3_prepare_v3(store->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &store->statements[i], NULL) != SQLITE_OK)
			status = store_fail(store, "prepare a statement", err);
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
		status = store_fail(store, "open the store", err);
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
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	(void)sqlite3_close(store->db);
	free(store);
}

/* Binding and stepping */

static void bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	(void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

static void bind_text_or_null(sqlite3_stmt *statement, int at, const char *text)
{
	if (text == NULL || *text == '\0')
		(void)sqlite3_bind_null(statement, at);
	else
		bind_text(statement, at, text);
}

static void bind_bytes(sqlite3_stmt *statement, int at, struct intake_bytes bytes)
{
	(void)sqlite3_bind_text(statement, at, bytes.data, (int)bytes.length, SQLITE_STATIC);
}

static void bind_blob(sqlite3_stmt *statement, int at, struct intake_bytes bytes)
{
	(void)sqlite3_bind_blob(statement, at, bytes.data, (int)bytes.length, SQLITE_STATIC);
}

/* Runs a statement that yields at most one row of interest, whose first column goes to *answer
 * (may be NULL). Bindings that failed for lack of memory show as a step that fails. */
static enum fr_status store_run(struct intake_store *store, enum statement which, int64_t *answer,
				struct fr_error *err)
{
	sqlite3_stmt *statement = store->statements[which];
	int code = sqlite3_step(statement);
	if (code == SQLITE_ROW && answer != NULL)
		*answer = sqlite3_column_int64(statement, 0);
	while (code == SQLITE_ROW)
		code = sqlite3_step(statement);
	enum fr_status status = FR_OK;
	if (code != SQLITE_DONE)
		status = store_fail(store, "write to the store", err);
	(void)sqlite3_reset(statement);
	return status;
}

static enum fr_status store_begin(struct intake_store *store, struct fr_error *err)
{
	if (store->in_turn)
		return FR_OK;
	enum fr_status status = store_run(store, BEGIN, NULL, err);
	store->in_turn = status == FR_OK;
	return status;
}

/* Counting */

/* What a batch is known by: its id, or else the length and a checksum of its body. */
static const char *batch_key(const struct intake_exchange *exchange,
			     const struct intake_batch *batch, char key[INTAKE_TEXT_MAX + 1])
{
	struct intake_bytes id = intake_batch_text(batch, &batch->id);
	struct intake_bytes body = exchange->content;
	if (id.length > 0)
		(void)snprintf(key, INTAKE_TEXT_MAX + 1, "%.*s", (int)id.length, id.data);
	else
		(void)snprintf(key, INTAKE_TEXT_MAX + 1, "body %zu %08x", body.length,
			       (unsigned)libdeflate_crc32(0, body.data, body.length));
	return key;
}

/* Compares with the first request that carried the same batch. Without an id, another body is
 * another batch, however unlikely that is with the same checksum. */
static enum fr_status find_replay(struct intake_store *store, struct intake_exchange *exchange,
				  const char *key, bool has_id, struct fr_error *err)
{
	struct intake_counts *counts = &exchange->counts;
	sqlite3_stmt *select = store->statements[SELECT_BATCH];
	bind_text(select, 1, key);
	bind_blob(select, 2, exchange->content);
	int code = sqlite3_step(select);
	if (code == SQLITE_ROW) {
		bool is_same = sqlite3_column_int(select, 1) != 0;
		counts->is_replay = is_same || has_id;
		counts->is_different = has_id && !is_same;
		counts->was_accepted = counts->is_replay && sqlite3_column_int64(select, 0) > 0;
	}
	(void)sqlite3_reset(select);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return store_fail(store, "look a batch up", err);
	return FR_OK;
}

static enum fr_status count_batch(struct intake_store *store, struct intake_exchange *exchange,
				  const struct intake_batch *batch, struct fr_error *err)
{
	char text[INTAKE_TEXT_MAX + 1];
	const char *key = batch_key(exchange, batch, text);
	enum fr_status status = find_replay(store, exchange, key, batch->id.length > 0, err);
	if (status != FR_OK)
		return status;
	sqlite3_stmt *count = store->statements[COUNT_BATCH];
	bind_text(count, 1, key);
	(void)sqlite3_bind_int64(count, 2, store->next_request);
	(void)sqlite3_bind_int(count, 3, exchange->is_accepted);
	return store_run(store, COUNT_BATCH, NULL, err);
}

static enum fr_status repeat_event(struct intake_store *store, struct intake_bytes id,
				   bool is_accepted, bool is_rejected, int64_t *accepted_before,
				   struct fr_error *err)
{
	sqlite3_stmt *statement = store->statements[REPEAT_EVENT];
	bind_bytes(statement, 1, id);
	(void)sqlite3_bind_int(statement, 2, is_accepted);
	(void)sqlite3_bind_int(statement, 3, is_rejected);
	return store_run(store, REPEAT_EVENT, accepted_before, err);
}

static enum fr_status count_event(struct intake_store *store, struct intake_exchange *exchange,
				  const struct intake_batch *batch, size_t index,
				  struct fr_error *err)
{
	const struct intake_event *event = &batch->events[index];
	char made_up[48];
	struct intake_bytes id = intake_batch_text(batch, &event->id);
	if (id.length == 0) {
		int length = snprintf(made_up, sizeof(made_up), "#%lld/%zu",
				      (long long)store->next_request, index);
		id = (struct intake_bytes){made_up, (size_t)length};
	}
	bool is_accepted = exchange->is_accepted && !event->is_rejected;
	sqlite3_stmt *insert = store->statements[INSERT_EVENT];
	bind_bytes(insert, 1, id);
	bind_bytes(insert, 2, intake_batch_text(batch, &event->name));
	bind_bytes(insert, 3, intake_batch_text(batch, &event->session));
	if (event->seq >= 0)
		(void)sqlite3_bind_int64(insert, 4, event->seq);
	else
		(void)sqlite3_bind_null(insert, 4);
	(void)sqlite3_bind_int64(insert, 5, store->next_request);
	(void)sqlite3_bind_int64(insert, 6, (int64_t)event->at);
	(void)sqlite3_bind_int64(insert, 7, (int64_t)event->length);
	(void)sqlite3_bind_int(insert, 8, is_accepted);
	(void)sqlite3_bind_int(insert, 9, event->is_rejected);
	enum fr_status status = store_run(store, INSERT_EVENT, NULL, err);
	if (status != FR_OK || sqlite3_changes(store->db) == 1)
		return status;

	int64_t accepted_before = 0;
	status = repeat_event(store, id, is_accepted, event->is_rejected, &accepted_before, err);
	if (is_accepted && accepted_before > 0)
		exchange->counts.duplicates++;
	return status;
}

enum fr_status intake_store_add_batch(struct intake_store *store, struct intake_exchange *exchange,
				      const struct intake_batch *batch, struct fr_error *err)
{
	enum fr_status status = store_begin(store, err);
	if (status == FR_OK)
		status = count_batch(store, exchange, batch, err);
	for (size_t i = 0; i < batch->count && status == FR_OK; i++) {
		status = count_event(store, exchange, batch, i, err);
		exchange->counts.rejected += batch->events[i].is_rejected;
	}
	exchange->counts.events = (int64_t)batch->count;
	return status;
}

/* Requests */

static bool is_secret(const char *header)
{
	static const char *const names[] = {"authorization", "dd-api-key", "proxy-authorization",
					    "cookie", "x-clickhouse-key"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (sqlite3_stricmp(names[i], header) == 0)
			return true;
	return false;
}

static void write_headers(const struct intake_head *head, struct fr_buffer *out)
{
	for (size_t i = 0; i < head->count; i++) {
		const struct intake_header *header = &head->headers[i];
		fr_buffer_add_format(out, "%s: %s\n", header->name,
				     is_secret(header->name) ? "(kept secret)" : header->value);
	}
}

static void bind_request(sqlite3_stmt *insert, const struct intake_exchange *exchange,
			 const struct intake_batch *batch)
{
	const struct intake_head *head = &exchange->head;
	const struct intake_counts *counts = &exchange->counts;
	bind_text(insert, 3, head->method);
	bind_text(insert, 4, head->path);
	bind_text_or_null(insert, 5, exchange->format != NULL ? exchange->format->name : NULL);
	if (exchange->answer.status != 0)
		(void)sqlite3_bind_int(insert, 6, exchange->answer.status);
	else
		(void)sqlite3_bind_null(insert, 6);
	(void)sqlite3_bind_int(insert, 7, exchange->is_accepted);
	bind_text_or_null(insert, 8,
			  exchange->fault.kind != INTAKE_FAULT_NONE
				  ? intake_fault_name(exchange->fault.kind)
				  : NULL);
	bind_text_or_null(insert, 9, exchange->refusal != 0 ? exchange->reason : NULL);
	if (batch->id.length > 0)
		bind_bytes(insert, 10, intake_batch_text(batch, &batch->id));
	else
		(void)sqlite3_bind_null(insert, 10);
	bind_text_or_null(insert, 11, intake_head_find(head, "Idempotency-Key"));
	(void)sqlite3_bind_int(insert, 12, counts->is_replay);
	(void)sqlite3_bind_int(insert, 13, counts->was_accepted);
	(void)sqlite3_bind_int(insert, 14, counts->is_different);
	(void)sqlite3_bind_int64(insert, 15, counts->events);
	(void)sqlite3_bind_int64(insert, 16, counts->duplicates);
	(void)sqlite3_bind_int64(insert, 17, counts->rejected);
	bind_text_or_null(insert, 18, intake_head_find(head, "Content-Encoding"));
	(void)sqlite3_bind_int64(insert, 19, (int64_t)exchange->body.length);
}

enum fr_status intake_store_add_request(struct intake_store *store,
					const struct intake_exchange *exchange,
					const struct intake_batch *batch, int64_t time_us,
					struct fr_error *err)
{
	enum fr_status status = store_begin(store, err);
	if (status != FR_OK)
		return status;
	struct fr_buffer headers;
	fr_buffer_init(&headers, (size_t)INTAKE_HEAD_MAX * 2);
	write_headers(&exchange->head, &headers);
	const struct fr_buffer *answer = &exchange->answer.body;
	size_t kept = answer->length < ANSWER_KEPT ? answer->length : ANSWER_KEPT;

	sqlite3_stmt *insert = store->statements[INSERT_REQUEST];
	(void)sqlite3_bind_int64(insert, 1, store->next_request);
	(void)sqlite3_bind_int64(insert, 2, time_us);
	bind_request(insert, exchange, batch);
	bind_text(insert, 20, fr_buffer_text(&headers));
	bind_bytes(insert, 21, (struct intake_bytes){fr_buffer_text(answer), kept});
	bind_blob(insert, 22, exchange->content);
	status = store_run(store, INSERT_REQUEST, NULL, err);
	(void)sqlite3_clear_bindings(insert); /* the body and headers do not outlive this */
	fr_buffer_fini(&headers);
	store->next_request++;
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
		status = store_run(store, COMMIT, NULL, err);
	if (status != FR_OK && sqlite3_get_autocommit(store->db) == 0)
		(void)store_run(store, ROLLBACK, NULL, NULL);
	store->in_turn = false;
	store->is_spoiled = false;
	return status;
}

/* Reading */

enum fr_status intake_store_show(struct intake_store *store, enum intake_view view, int64_t request,
				 struct fr_buffer *out, struct fr_error *err)
{
	sqlite3_stmt *statement = store->statements[views[view].statement];
	enum fr_status status = views[view].is_of_request ? FR_NONE : FR_OK;
	if (views[view].is_of_request)
		(void)sqlite3_bind_int64(statement, 1, request);
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		status = FR_OK;
		const void *data = sqlite3_column_blob(statement, 0);
		if (data != NULL)
			fr_buffer_add(out, data, (size_t)sqlite3_column_bytes(statement, 0));
		if (!views[view].is_of_request)
			fr_buffer_add_char(out, '\n');
	}
	if (code != SQLITE_DONE)
		status = store_fail(store, "read the store", err);
	(void)sqlite3_reset(statement);
	if (status == FR_OK && out->status != FR_OK)
		return fr_fail(err, out->status, "more than can be shown at once");
	return status;
}

enum fr_status intake_store_reset(struct intake_store *store, struct fr_error *err)
{
	enum fr_status status = store_begin(store, err);
	if (status == FR_OK)
		status = store_execute(store, fr_sql_delete_all, "empty the store", err);
	store->next_request = 1;
	return status;
}

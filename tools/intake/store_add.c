/* The happy path: a batch is looked up and counted; its events are inserted one by one, and the few
 * that were there before counted again; once the answer is known, the request is inserted. */
#include "intake/store_internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libdeflate.h>

#include "intake/format.h"

enum { ANSWER_KEPT = 4096 };

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
	sqlite3_stmt *select = store->statements[INTAKE_SELECT_BATCH];
	bind_text(select, 1, exchange->head.path);
	bind_text(select, 2, key);
	bind_blob(select, 3, exchange->content);
	int code = sqlite3_step(select);
	if (code == SQLITE_ROW) {
		bool is_same = sqlite3_column_int(select, 1) != 0;
		counts->is_replay = is_same || has_id;
		counts->is_different = has_id && !is_same;
		counts->was_accepted = counts->is_replay && sqlite3_column_int64(select, 0) > 0;
	}
	(void)sqlite3_reset(select);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return intake_store_fail(store, "look a batch up", err);
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
	sqlite3_stmt *count = store->statements[INTAKE_COUNT_BATCH];
	bind_text(count, 1, exchange->head.path);
	bind_text(count, 2, key);
	(void)sqlite3_bind_int64(count, 3, store->next_request);
	(void)sqlite3_bind_int(count, 4, exchange->is_accepted);
	return intake_store_run(store, INTAKE_COUNT_BATCH, NULL, err);
}

/* Counts an event once more, and as a duplicate where it is one. */
static enum fr_status repeat_event(struct intake_store *store, struct intake_exchange *exchange,
				   struct intake_bytes id, const struct intake_event *event,
				   struct fr_error *err)
{
	bool is_accepted = exchange->is_accepted && !event->is_rejected;
	int64_t accepted_before = 0;
	sqlite3_stmt *repeat = store->statements[INTAKE_REPEAT_EVENT];
	bind_text(repeat, 1, exchange->head.path);
	bind_bytes(repeat, 2, id);
	(void)sqlite3_bind_int(repeat, 3, is_accepted);
	(void)sqlite3_bind_int(repeat, 4, event->is_rejected);
	enum fr_status status = intake_store_run(store, INTAKE_REPEAT_EVENT, &accepted_before, err);
	if (is_accepted && accepted_before > 0)
		exchange->counts.duplicates++;
	return status;
}

/* An event's id, or one made up for an event that has none. */
static struct intake_bytes event_id(const struct intake_store *store,
				    const struct intake_batch *batch, size_t index, char room[48])
{
	struct intake_bytes id = intake_batch_text(batch, &batch->events[index].id);
	if (id.length > 0)
		return id;
	int length = snprintf(room, 48, "#%lld/%zu", (long long)store->next_request, index);
	return (struct intake_bytes){room, (size_t)length};
}

static enum fr_status count_event(struct intake_store *store, struct intake_exchange *exchange,
				  const struct intake_batch *batch, size_t index,
				  struct fr_error *err)
{
	const struct intake_event *event = &batch->events[index];
	char room[48];
	struct intake_bytes id = event_id(store, batch, index, room);
	sqlite3_stmt *insert = store->statements[INTAKE_INSERT_EVENT];
	bind_text(insert, 1, exchange->head.path);
	bind_bytes(insert, 2, id);
	bind_bytes(insert, 3, intake_batch_text(batch, &event->name));
	bind_bytes(insert, 4, intake_batch_text(batch, &event->session));
	if (event->seq >= 0)
		(void)sqlite3_bind_int64(insert, 5, event->seq);
	else
		(void)sqlite3_bind_null(insert, 5);
	(void)sqlite3_bind_int64(insert, 6, store->next_request);
	(void)sqlite3_bind_int64(insert, 7, (int64_t)event->at);
	(void)sqlite3_bind_int64(insert, 8, (int64_t)event->length);
	(void)sqlite3_bind_int(insert, 9, exchange->is_accepted && !event->is_rejected);
	(void)sqlite3_bind_int(insert, 10, event->is_rejected);
	enum fr_status status = intake_store_run(store, INTAKE_INSERT_EVENT, NULL, err);
	if (status != FR_OK || sqlite3_changes(store->db) == 1)
		return status;
	return repeat_event(store, exchange, id, event, err);
}

enum fr_status intake_store_add_batch(struct intake_store *store, struct intake_exchange *exchange,
				      const struct intake_batch *batch, struct fr_error *err)
{
	enum fr_status status = intake_store_begin(store, err);
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
		if (strcasecmp(names[i], header) == 0)
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
	enum fr_status status = intake_store_begin(store, err);
	if (status != FR_OK)
		return status;
	struct fr_buffer headers;
	fr_buffer_init(&headers, (size_t)INTAKE_HEAD_MAX * 2);
	write_headers(&exchange->head, &headers);
	const struct fr_buffer *answer = &exchange->answer.body;
	size_t kept = answer->length < ANSWER_KEPT ? answer->length : ANSWER_KEPT;

	sqlite3_stmt *insert = store->statements[INTAKE_INSERT_REQUEST];
	(void)sqlite3_bind_int64(insert, 1, store->next_request);
	(void)sqlite3_bind_int64(insert, 2, time_us);
	bind_request(insert, exchange, batch);
	bind_text(insert, 20, fr_buffer_text(&headers));
	bind_bytes(insert, 21, (struct intake_bytes){fr_buffer_text(answer), kept});
	bind_blob(insert, 22, exchange->content);
	status = intake_store_run(store, INTAKE_INSERT_REQUEST, NULL, err);
	(void)sqlite3_clear_bindings(insert); /* the body and headers do not outlive this */
	fr_buffer_fini(&headers);
	store->next_request++;
	return status;
}

/* The happy path: walk the rows behind the sink's cursor, copy the wanted ones out, book the others
 * as unwanted, move the cursor, insert the batch.
 *
 * What may not leave is decided in SQL (the second gate: consent and audience, as the row has
 * them), what the sink does not want by its claim. Failures leave the transaction to be rolled
 * back: cursor and books stay as they were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "base/digest.h"
#include "queue/batch.h"
#include "queue/dead_parts.h"
#include "queue/events.h"
#include "queue/ledger.h"
#include "queue/members.h"
#include "queue/room.h"
#include "queue/sweep.h"

enum { MAY_LEAVE_COLUMN = FR_EVENT_COLUMNS, MEMBERS_BYTES_MOST = 1024 * 1024, ID_TEXT = 256 };

struct harvest {
	struct fr_events events;
	int64_t bytes;
	int64_t unwanted;
	int64_t cursor;
	int64_t looked_at;
	bool full; /* the next wanted row did not fit any more */
};

bool fr_claim_wants(const struct fr_claim *claim, const struct fr_event *event)
{
	return event->sendable && (claim->internal || !event->internal) &&
	       event->severity >= claim->min_severity &&
	       (claim->wants == NULL || claim->wants(claim->context, event->name, event->route));
}

static enum fr_status harvest_row(struct harvest *harvest, const struct fr_claim *claim,
				  sqlite3_stmt *row, struct fr_error *err)
{
	bool may_leave = sqlite3_column_int(row, MAY_LEAVE_COLUMN) != 0;
	enum fr_status status = FR_OK;
	struct fr_event event;
	int64_t weight;

	status = fr_event_view(&event, row, err);
	if (status != FR_OK)
		return status;
	if (may_leave && fr_claim_wants(claim, &event)) {
		weight = fr_event_weight(&event);
		harvest->full =
			harvest->events.count >= claim->max_events ||
			(harvest->events.count > 0 && harvest->bytes + weight > claim->max_bytes);
		if (harvest->full)
			return FR_OK;
		status = fr_events_add(&harvest->events, &event, err);
		harvest->bytes += weight;
	} else {
		harvest->unwanted++;
	}
	harvest->cursor = event.id;
	harvest->looked_at++;
	return status;
}

static enum fr_status harvest_rows(struct fr_queue *queue, const struct fr_claim *claim,
				   struct harvest *harvest, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_scan_events, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "iii", harvest->cursor, (int64_t)claim->internal,
			    (int64_t)FR_CLAIM_SCAN);
	while (status == FR_OK && !harvest->full) {
		status = fr_db_step(queue, statement, err);
		if (status == FR_OK)
			status = harvest_row(harvest, claim, statement, err);
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

static enum fr_status members_text(struct fr_buffer *out, struct fr_member_range members,
				   struct fr_error *err)
{
	for (size_t i = 0; i < members.count; i++) {
		fr_buffer_add_char(out, i == 0 ? '[' : ',');
		fr_buffer_add_int(out, members.events[i].id);
	}
	fr_buffer_add_char(out, ']');
	if (out->status != FR_OK)
		return fr_fail(err, out->status, "batch members: %s", fr_status_text(out->status));
	return FR_OK;
}

/* A batch's id is made of its row number, which no other batch of this file ever has, and of its
 * members, whose ids are random, so that a preview can tell it beforehand: a UUIDv8, RFC 9562. */
static enum fr_status members_uuid(char out[FR_UUID_TEXT], int64_t row, int64_t sink,
				   struct fr_member_range members, struct fr_error *err)
{
	const char *first = members.events[0].uuid;
	const char *last = members.events[members.count - 1].uuid;
	char hex[FR_DIGEST_HEX], text[ID_TEXT];
	enum fr_status status;

	(void)snprintf(text, sizeof text, "%lld %lld %zu %s %s", (long long)row, (long long)sink,
		       members.count, first, last);
	status = fr_digest_hex(hex, text, strlen(text), err);
	if (status != FR_OK)
		return status;
	hex[12] = '8';
	hex[16] = "89ab"[hex[16] & 3];
	(void)snprintf(out, FR_UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		       hex + 16, hex + 20);
	return FR_OK;
}

/* Everything of a new batch that is known before it is written. */
static enum fr_status members_name(struct fr_queue *queue, struct fr_member_range members,
				   struct fr_batch *batch, struct fr_error *err)
{
	enum fr_status status = fr_db_get(queue, FR_QUERY_select_next_batch, &batch->row, err, "");

	batch->claimed_us = fr_env_wall_us(queue->env);
	if (status == FR_OK)
		status = members_uuid(batch->uuid, batch->row, batch->sink, members, err);
	return status;
}

static enum fr_status insert_batch(struct fr_queue *queue, struct fr_batch *batch,
				   struct fr_member_range members, const char *ids,
				   struct fr_error *err)
{
	int64_t first = members.events[0].id, last = members.events[members.count - 1].id;
	int64_t count = (int64_t)members.count, weight = count;
	enum fr_status status;

	if (batch->of_dead)
		status = fr_db_get(queue, FR_QUERY_insert_dead_batch, &weight, err, "isiiiisi",
				   batch->row, batch->uuid, batch->sink, first, last, count, ids,
				   batch->claimed_us);
	else
		status = fr_db_run(queue, FR_QUERY_insert_batch, err, "isisiiisi", batch->row,
				   batch->uuid, batch->sink, "event", first, last, count, ids,
				   batch->claimed_us);
	batch->weight = (size_t)weight;
	return status;
}

enum fr_status fr_members_freeze(struct fr_queue *queue, int64_t sink, bool of_dead,
				 struct fr_member_range members, struct fr_batch *batch,
				 struct fr_error *err)
{
	enum fr_status status;
	struct fr_buffer text;

	fr_buffer_init(&text, MEMBERS_BYTES_MOST);
	batch->sink = sink;
	batch->of_dead = of_dead;
	status = members_name(queue, members, batch, err);
	if (status == FR_OK)
		status = members_text(&text, members, err);
	if (status == FR_OK)
		status = insert_batch(queue, batch, members, fr_buffer_text(&text), err);
	fr_buffer_fini(&text);
	return status;
}

enum fr_status fr_members_thaw(struct fr_queue *queue, const struct fr_batch *batch,
			       struct fr_error *err)
{
	enum fr_status status =
		fr_db_run(queue, FR_QUERY_delete_batch, err, "is", batch->row, batch->uuid);

	if (status == FR_OK && fr_db_changes(queue) == 0)
		return fr_fail(err, FR_NONE, "batch %s is not open any more", batch->uuid);
	return status;
}

/* Moves what was harvested into a new batch, not yet frozen. */
static enum fr_status batch_of(struct harvest *harvest, int64_t sink, struct fr_batch **out,
			       struct fr_error *err)
{
	struct fr_batch *batch = calloc(1, sizeof *batch);

	if (batch == NULL)
		return fr_fail(err, FR_NOMEM, "claim: out of memory");
	batch->sink = sink;
	batch->events = harvest->events.rows;
	batch->count = harvest->events.count;
	batch->weight = batch->count;
	harvest->events = (struct fr_events){0};
	*out = batch;
	return FR_OK;
}

/* Makes the batch of what was harvested; FR_NONE when that is nothing. */
static enum fr_status freeze_harvest(struct fr_queue *queue, const struct fr_claim *claim,
				     struct harvest *harvest, struct fr_batch **out,
				     struct fr_error *err)
{
	struct fr_member_range members = {harvest->events.rows, harvest->events.count};
	enum fr_status status;

	if (members.count == 0) {
		status = harvest->looked_at > 0 ? fr_sweep_if_due(queue, 0, err) : FR_OK;
		return status == FR_OK ? FR_NONE : status;
	}
	status = fr_room_for_batch(queue, harvest->bytes, err);
	if (status == FR_OK)
		status = batch_of(harvest, claim->sink, out, err);
	if (status == FR_OK)
		status = fr_members_freeze(queue, claim->sink, false, members, *out, err);
	if (status != FR_OK) {
		fr_batch_free(*out);
		*out = NULL;
	}
	return status;
}

static enum fr_status harvest_begin(struct fr_queue *queue, struct fr_claim *claim,
				    struct harvest *harvest, struct fr_error *err)
{
	enum fr_status status =
		fr_db_get(queue, FR_QUERY_select_cursor, &harvest->cursor, err, "i", claim->sink);

	if (claim->max_bytes > fr_room_most_batch_bytes(queue))
		claim->max_bytes = fr_room_most_batch_bytes(queue);
	return status == FR_OK ? harvest_rows(queue, claim, harvest, err) : status;
}

/* Looks on until there is something; changes nothing. */
static enum fr_status peek_events(struct fr_queue *queue, const struct fr_claim *claim,
				  struct harvest *harvest, struct fr_error *err)
{
	struct fr_claim bounded = *claim;
	enum fr_status status;

	do {
		int64_t before = harvest->looked_at;

		status = before == 0 ? harvest_begin(queue, &bounded, harvest, err)
				     : harvest_rows(queue, &bounded, harvest, err);
		if (harvest->looked_at == before)
			break;
	} while (status == FR_OK && harvest->events.count == 0);
	return status;
}

enum fr_status fr_claim_peek(struct fr_queue *queue, const struct fr_claim *claim,
			     struct fr_batch **out, struct fr_error *err)
{
	struct fr_retry_harvest asked = {0};
	struct harvest harvest = {0};
	enum fr_status status = fr_retry_harvest(queue, claim, &asked, err);
	bool of_dead = asked.count > 0;

	*out = NULL;
	harvest.events.rows = asked.events;
	harvest.events.count = asked.count;
	if (!of_dead && (status == FR_OK || status == FR_NONE))
		status = peek_events(queue, claim, &harvest, err);
	if (status == FR_OK && harvest.events.count == 0)
		status = FR_NONE;
	if (status == FR_OK)
		status = batch_of(&harvest, claim->sink, out, err);
	if (status == FR_OK) {
		(*out)->of_dead = of_dead;
		status = members_name(
			queue, (struct fr_member_range){(*out)->events, (*out)->count}, *out, err);
	}
	fr_events_free(harvest.events.rows, harvest.events.count);
	return status;
}

enum fr_status fr_batch_claim(struct fr_queue *queue, const struct fr_claim *claim,
			      struct fr_batch **out, bool *more, struct fr_error *err)
{
	struct fr_claim bounded = *claim;
	struct harvest harvest = {0};
	enum fr_status status;

	*out = NULL;
	*more = true;
	status = fr_dead_claim(queue, claim, out, err); /* somebody asked for those */
	if (status != FR_NONE)
		return status;
	*more = false;
	status = harvest_begin(queue, &bounded, &harvest, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, claim->sink, FR_LEDGER_UNWANTED, "",
					harvest.unwanted, err);
	if (status == FR_OK && harvest.looked_at > 0)
		status = fr_db_run(queue, FR_QUERY_update_cursor, err, "ii", claim->sink,
				   harvest.cursor);
	FR_CRASH_POINT("queue.claim.before_freeze");
	*more = harvest.full || harvest.looked_at == FR_CLAIM_SCAN;
	if (status == FR_OK)
		status = freeze_harvest(queue, &bounded, &harvest, out, err);
	fr_events_free(harvest.events.rows, harvest.events.count);
	return status;
}

int64_t fr_batch_ack_bytes(const struct fr_queue *queue)
{
	return fr_room_most_batch_bytes(queue);
}

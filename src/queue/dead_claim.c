/* The happy path: the letters that are asked for, in order, that the sink wants today; they move
 * from dead to queued and are a batch like any other.
 *
 * A bundle is never mixed with other letters: what its batch weighs speaks of its own events only.
 * Its weight lies on its last events, so that while it is sent in parts, no more of it counts as
 * delivered than must have been.
 *
 * Failures: what the sink does not want any more is a dead letter as before, and nobody is asked
 * again; anything else leaves the transaction to be rolled back.
 */
#include <stdlib.h>

#include "base/crash.h"
#include "queue/dead_parts.h"
#include "queue/events.h"
#include "queue/ledger.h"
#include "queue/members.h"
#include "queue/room.h"

enum { BUNDLE_COLUMN = FR_EVENT_COLUMNS };

/* Adds the row the statement stands on; false when the batch is closed before it. */
static enum fr_status harvest_row(struct fr_retry_harvest *harvest, struct fr_events *events,
				  const struct fr_claim *claim, sqlite3_stmt *row, bool *fits,
				  struct fr_error *err)
{
	struct fr_event event;
	enum fr_status status = fr_event_view(&event, row, err);
	int64_t weight;

	*fits = true;
	if (status != FR_OK)
		return status;
	if (fr_claim_wants(claim, &event)) {
		weight = fr_event_weight(&event);
		*fits = events->count < claim->max_events &&
			(events->count == 0 || harvest->bytes + weight <= claim->max_bytes);
		if (!*fits)
			return FR_OK;
		harvest->bytes += weight;
		status = fr_events_add(events, &event, err);
	} else {
		harvest->unwanted++;
	}
	harvest->last = event.id;
	return status;
}

enum fr_status fr_retry_harvest(struct fr_queue *queue, const struct fr_claim *claim,
				struct fr_retry_harvest *out, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_scan_retries, err);
	struct fr_claim bounded = *claim;
	struct fr_events events = {0};
	int64_t bundle = 0;
	enum fr_status status;
	bool fits = true;

	if (bounded.max_bytes > fr_room_most_batch_bytes(queue))
		bounded.max_bytes = fr_room_most_batch_bytes(queue);
	*out = (struct fr_retry_harvest){0};
	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "ii", claim->sink, (int64_t)FR_CLAIM_SCAN);
	while (status == FR_OK && fits) {
		status = fr_db_step(queue, statement, err);
		if (status != FR_OK)
			break;
		if (events.count > 0 && sqlite3_column_int64(statement, BUNDLE_COLUMN) != bundle)
			break;
		bundle = sqlite3_column_int64(statement, BUNDLE_COLUMN);
		status = harvest_row(out, &events, &bounded, statement, &fits, err);
	}
	fr_db_finish(statement);
	out->events = events.rows;
	out->count = events.count;
	if (status == FR_NONE)
		status = out->last > 0 ? FR_OK : FR_NONE;
	return status;
}

/* Freezes what was harvested; *out takes it over. */
static enum fr_status freeze(struct fr_queue *queue, int64_t sink, struct fr_retry_harvest *harvest,
			     struct fr_batch **out, struct fr_error *err)
{
	struct fr_member_range members = {harvest->events, harvest->count};
	struct fr_batch *batch = calloc(1, sizeof *batch);
	enum fr_status status;

	if (batch == NULL)
		return fr_fail(err, FR_NOMEM, "claim: out of memory");
	status = fr_room_for_batch(queue, harvest->bytes, err);
	if (status == FR_OK)
		status = fr_members_freeze(queue, sink, true, members, batch, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, sink, FR_LEDGER_DEAD, "", -(int64_t)batch->weight,
					err);
	FR_CRASH_POINT("queue.dead.after_freeze");
	if (status != FR_OK) {
		fr_batch_free(batch);
		return status;
	}
	batch->events = harvest->events;
	batch->count = harvest->count;
	harvest->events = NULL;
	harvest->count = 0;
	*out = batch;
	return FR_OK;
}

enum fr_status fr_dead_claim(struct fr_queue *queue, const struct fr_claim *claim,
			     struct fr_batch **out, struct fr_error *err)
{
	struct fr_retry_harvest harvest = {0};
	enum fr_status status = fr_retry_harvest(queue, claim, &harvest, err);

	*out = NULL;
	if (status == FR_OK && harvest.unwanted > 0)
		fr_log(&queue->env->log, FR_LOG_WARN, "dead.unwanted",
		       "letters=%zu their sink does not take them any more", harvest.unwanted);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_retries, err, "ii", claim->sink,
				   harvest.last);
	if (status == FR_OK)
		status = harvest.count > 0 ? freeze(queue, claim->sink, &harvest, out, err)
					   : FR_NONE;
	fr_events_free(harvest.events, harvest.count);
	return status;
}

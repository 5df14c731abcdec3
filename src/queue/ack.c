/* The happy path: the batch row goes, its events are booked as delivered, and what every sink is
 * through with is swept, all in the caller's transaction.
 *
 * Failures: FR_NONE when the batch is not open any more (purged, or carried off by a salvage): its
 * events were booked then, and the answer changes nothing. Anything else leaves the transaction to
 * be rolled back.
 */
#include <string.h>

#include "queue/batch.h"
#include "queue/db.h"
#include "queue/dead.h"
#include "queue/ledger.h"
#include "queue/members.h"
#include "queue/sweep.h"

static bool is_refused(const struct fr_refusal *refusals, size_t refused, size_t index)
{
	for (size_t i = 0; i < refused && refusals[i].index <= index; i++)
		if (refusals[i].index == index)
			return true;
	return false;
}

/* One history line for each name: counts the events of that name at its first appearance. */
static enum fr_status note_names(struct fr_queue *queue, const struct fr_batch *batch,
				 const struct fr_refusal *refusals, size_t refused,
				 struct fr_error *err)
{
	enum fr_status status = FR_OK;

	for (size_t i = 0; status == FR_OK && i < batch->count; i++) {
		int64_t delivered = 0, dead = 0;
		bool is_first = true;

		for (size_t j = 0; j < batch->count && is_first; j++) {
			if (strcmp(batch->events[j].name, batch->events[i].name) != 0)
				continue;
			is_first = j >= i;
			if (is_refused(refusals, refused, j))
				dead++;
			else
				delivered++;
		}
		if (!is_first)
			continue;
		status = fr_ledger_note(queue, batch->sink, FR_LEDGER_DELIVERED,
					batch->events[i].name, delivered, err);
		if (status == FR_OK)
			status = fr_ledger_note(queue, batch->sink, FR_LEDGER_DEAD,
						batch->events[i].name, dead, err);
	}
	return status;
}

static enum fr_status write_dead_letter(struct fr_queue *queue, const struct fr_batch *batch,
					const struct fr_event *event, const struct fr_refusal *why,
					struct fr_error *err)
{
	int64_t now_us = fr_env_wall_us(queue->env);
	const char *reason = why->reason ? why->reason : "";
	const char *answer = why->answer ? why->answer : "";

	if (batch->of_dead)
		return fr_db_run(queue, FR_QUERY_update_dead_letter, err, "iiiss", event->id,
				 now_us, (int64_t)why->status, reason, answer);
	return fr_db_run(queue, FR_QUERY_insert_dead_letter, err, "iiississssiiiississ",
			 batch->sink, now_us, (int64_t)why->status, reason, answer, event->id,
			 event->uuid, event->session, event->service, event->version,
			 (int64_t)event->user_bucket, (int64_t)event->ci, event->seq,
			 event->time_us, fr_severity_name(event->severity), event->name,
			 (int64_t)event->internal, event->traceparent, event->properties);
}

static enum fr_status settle_members(struct fr_queue *queue, const struct fr_batch *batch,
				     const struct fr_refusal *refusals, size_t refused,
				     struct fr_error *err)
{
	enum fr_status status = FR_OK;

	for (size_t i = 0; status == FR_OK && i < refused; i++)
		if (refusals[i].index < batch->count)
			status = write_dead_letter(queue, batch, &batch->events[refusals[i].index],
						   &refusals[i], err);
	for (size_t i = 0; status == FR_OK && batch->of_dead && i < batch->count; i++)
		if (!is_refused(refusals, refused, i))
			status = fr_db_run(queue, FR_QUERY_delete_dead_letter, err, "i",
					   batch->events[i].id);
	return status;
}

enum fr_status fr_batch_ack(struct fr_queue *queue, const struct fr_batch *batch,
			    const struct fr_refusal *refusals, size_t refused, struct fr_error *err)
{
	int64_t dead = (int64_t)refused;
	enum fr_status status = fr_members_thaw(queue, batch, err);
	bool more;

	if (status == FR_OK)
		status = settle_members(queue, batch, refusals, refused, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DELIVERED, "",
					(int64_t)batch->count - dead, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DEAD, "", dead, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DROPPED, "missing",
					(int64_t)batch->missing, err);
	if (status == FR_OK)
		status = note_names(queue, batch, refusals, refused, err);
	if (status == FR_OK && dead > 0)
		status = fr_dead_trim(queue, err);
	if (status == FR_OK)
		status = fr_sweep_finished(queue, &more, err);
	return status;
}

enum fr_status fr_batch_bury(struct fr_queue *queue, const struct fr_batch *batch,
			     const struct fr_refusal *why, struct fr_error *err)
{
	enum fr_status status = fr_members_thaw(queue, batch, err);
	bool more;

	for (size_t i = 0; status == FR_OK && i < batch->count; i++) {
		status = write_dead_letter(queue, batch, &batch->events[i], why, err);
		if (status == FR_OK)
			status = fr_ledger_note(queue, batch->sink, FR_LEDGER_DEAD,
						batch->events[i].name, 1, err);
	}
	if (status == FR_OK)
		status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DEAD, "",
					(int64_t)batch->count, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DROPPED, "missing",
					(int64_t)batch->missing, err);
	if (status == FR_OK)
		status = fr_dead_trim(queue, err);
	if (status == FR_OK)
		status = fr_sweep_finished(queue, &more, err);
	return status;
}

/* The happy path: the batch row goes, its events are booked as delivered, and what every sink is
 * through with is swept, all in the caller's transaction.
 *
 * What becomes of each member is decided first (struct fate), then written down: letters, books,
 * history. A batch of dead letters may weigh less than it has members: k of the n were refused when
 * they were first sent, and nobody knows which. It never moves more than it weighs: members that
 * are refused again count first. Where it is not known which were refused, the last ones stand for
 * all (see dead_claim.c).
 *
 * Failures: FR_NONE when the batch is not open any more (purged, or carried off by a salvage): its
 * events were booked then, and the answer changes nothing. Anything else leaves the transaction to
 * be rolled back.
 */
#include <stdlib.h>
#include <string.h>

#include "queue/batch.h"
#include "queue/db.h"
#include "queue/dead_parts.h"
#include "queue/ledger.h"
#include "queue/members.h"
#include "queue/sweep.h"

/* What becomes of one member. */
struct fate {
	const struct fr_refusal *why; /* it becomes, or stays, a dead letter; NULL: it leaves */
	bool is_dead;                 /* counts as dead */
	bool is_delivered;            /* counts as delivered */
};

struct fates {
	struct fate *of; /* batch->count of them */
	size_t dead;     /* how many count so */
	size_t delivered;
	bool are_bundled; /* some of the letters do not count: they belong together */
};

/* A sink that refuses the same member twice refuses it once. */
static void fates_refuse(struct fates *fates, const struct fr_batch *batch,
			 const struct fr_refusal *refusals, size_t refused)
{
	for (size_t i = 0; i < refused; i++)
		if (refusals[i].index < batch->count)
			fates->of[refusals[i].index].why = &refusals[i];
}

/* Counts members as dead, the last of those with a reason, up to `most`; then the others, up to
 * what the batch weighs, as delivered. */
static void fates_count(struct fates *fates, const struct fr_batch *batch, size_t most)
{
	for (size_t i = batch->count; i > 0; i--) {
		struct fate *fate = &fates->of[i - 1];

		fate->is_dead = fate->why != NULL && fates->dead < most;
		fates->dead += fate->is_dead;
		fates->are_bundled = fates->are_bundled || (fate->why != NULL && !fate->is_dead);
	}
	for (size_t i = 0; i < batch->count; i++) {
		struct fate *fate = &fates->of[i];

		fate->is_delivered =
			!fate->is_dead && fates->dead + fates->delivered < batch->weight;
		fates->delivered += fate->is_delivered;
	}
}

/* One history line for each name: counts the events of that name at its first appearance. */
static enum fr_status note_names(struct fr_queue *queue, const struct fr_batch *batch,
				 const struct fates *fates, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	for (size_t i = 0; status == FR_OK && i < batch->count; i++) {
		int64_t delivered = 0, dead = 0;
		bool is_first = true;

		for (size_t j = 0; j < batch->count && is_first; j++) {
			if (strcmp(batch->events[j].name, batch->events[i].name) != 0)
				continue;
			is_first = j >= i;
			dead += fates->of[j].is_dead;
			delivered += fates->of[j].is_delivered;
		}
		if (!is_first)
			continue;
		status = fr_ledger_note(queue, batch->sink, FR_LEDGER_DELIVERED,
					batch->events[i].name, delivered, err);
		if (status == FR_OK && !batch->of_dead) /* it dies only once */
			status = fr_ledger_note(queue, batch->sink, FR_LEDGER_DEAD,
						batch->events[i].name, dead, err);
	}
	return status;
}

static enum fr_status write_letter(struct fr_queue *queue, const struct fr_batch *batch,
				   const struct fr_event *event, const struct fate *fate,
				   int64_t bundle, struct fr_error *err)
{
	int64_t now_us = fr_env_wall_us(queue->env);
	const char *reason = fate->why->reason ? fate->why->reason : "";
	const char *answer = fate->why->answer ? fate->why->answer : "";

	if (batch->of_dead)
		return fr_db_run(queue, FR_QUERY_update_dead_letter, err, "iiissii", event->id,
				 now_us, (int64_t)fate->why->status, reason, answer,
				 (int64_t)fate->is_dead, bundle);
	return fr_db_run(queue, FR_QUERY_insert_dead_letter, err, "iiissiiissssiiiississs",
			 batch->sink, now_us, (int64_t)fate->why->status, reason, answer,
			 (int64_t)fate->is_dead, bundle, event->id, event->uuid, event->session,
			 event->service, event->version, (int64_t)event->user_bucket,
			 (int64_t)event->ci, event->seq, event->time_us,
			 fr_severity_name(event->severity), event->name, (int64_t)event->internal,
			 event->traceparent, event->properties, event->route);
}

static enum fr_status settle_members(struct fr_queue *queue, const struct fr_batch *batch,
				     const struct fates *fates, struct fr_error *err)
{
	int64_t bundle = fates->are_bundled ? batch->row : 0;
	enum fr_status status = FR_OK;

	for (size_t i = 0; status == FR_OK && i < batch->count; i++) {
		const struct fr_event *event = &batch->events[i];

		if (fates->of[i].why != NULL)
			status = write_letter(queue, batch, event, &fates->of[i], bundle, err);
		else if (batch->of_dead)
			status = fr_db_run(queue, FR_QUERY_delete_dead_letter, err, "i", event->id);
	}
	return status;
}

static enum fr_status book_fates(struct fr_queue *queue, const struct fr_batch *batch,
				 const struct fates *fates, struct fr_error *err)
{
	enum fr_status status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DELIVERED, "",
					       (int64_t)fates->delivered, err);

	if (status == FR_OK)
		status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DEAD, "",
					(int64_t)fates->dead, err);
	if (status == FR_OK)
		status = fr_ledger_book(queue, batch->sink, FR_LEDGER_DROPPED, "missing",
					(int64_t)batch->missing_weight, err);
	return status == FR_OK ? note_names(queue, batch, fates, err) : status;
}

/* About what its rows hold. */
static int64_t bytes_of(const struct fr_batch *batch)
{
	int64_t bytes = 0;

	for (size_t i = 0; !batch->of_dead && i < batch->count; i++)
		bytes += batch->events[i].properties_length;
	return bytes;
}

/* Finishes the batch: no more than `most` of its members that have a reason count as dead. */
static enum fr_status finish(struct fr_queue *queue, const struct fr_batch *batch,
			     struct fates *fates, size_t most, struct fr_error *err)
{
	enum fr_status status = fr_members_thaw(queue, batch, err);

	fates_count(fates, batch, most < batch->weight ? most : batch->weight);
	if (status == FR_OK)
		status = settle_members(queue, batch, fates, err);
	if (status == FR_OK)
		status = book_fates(queue, batch, fates, err);
	if (status == FR_OK && fates->dead > 0)
		status = fr_dead_trim(queue, err);
	if (status == FR_OK)
		status = fr_sweep_if_due(queue, bytes_of(batch), err);
	free(fates->of);
	return status;
}

static enum fr_status fates_init(struct fates *fates, const struct fr_batch *batch,
				 struct fr_error *err)
{
	*fates = (struct fates){.of = calloc(batch->count + 1, sizeof *fates->of)};
	if (fates->of == NULL)
		return fr_fail(err, FR_NOMEM, "finish batch: out of memory");
	return FR_OK;
}

enum fr_status fr_batch_ack(struct fr_queue *queue, const struct fr_batch *batch,
			    const struct fr_refusal *refusals, size_t refused, struct fr_error *err)
{
	struct fates fates;
	enum fr_status status = fates_init(&fates, batch, err);

	if (status != FR_OK)
		return status;
	fates_refuse(&fates, batch, refusals, refused);
	return finish(queue, batch, &fates, batch->weight, err);
}

enum fr_status fr_batch_ack_part(struct fr_queue *queue, const struct fr_batch *batch, size_t lost,
				 const struct fr_refusal *why, struct fr_error *err)
{
	struct fates fates;
	enum fr_status status = fates_init(&fates, batch, err);

	if (status != FR_OK)
		return status;
	for (size_t i = 0; lost > 0 && i < batch->count; i++)
		fates.of[i].why = why;
	return finish(queue, batch, &fates, lost, err);
}

enum fr_status fr_batch_bury(struct fr_queue *queue, const struct fr_batch *batch,
			     const struct fr_refusal *why, struct fr_error *err)
{
	return fr_batch_ack_part(queue, batch, batch->count, why, err);
}

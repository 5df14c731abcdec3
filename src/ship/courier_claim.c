/* The happy path: no batch is open, so claim one; every event of it may leave; encode it, note its
 * digest, seal it.
 *
 * An open batch goes first, oldest first, and is sent as it was: the same id, claim time and bytes,
 * which the digest proves. What can be in the way:
 *   - an event may no longer be sent, a row is gone, or the destination would drop it for its age:
 *     the batch is renewed, that is, dissolved into one with a new id;
 *   - the bytes came out otherwise, since the encoder or the settings changed: if the batch may
 * have been taken, the old id must not stand for new bytes, so that it is renewed too, and each
 * event still has its own id for the receiver to find duplicates by; else it is sealed anew;
 *   - the body is too large: halves; a lone event too large, or one that cannot be encoded at all,
 * is buried, and the others go on. Each of these changes the queue and begins the search again, a
 * bounded number of times in a turn.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "ship/courier_parts.h"
#include "ship/proposal.h"

enum {
	ROUNDS_MOST = 64,
	OPEN_LOOKED_AT = 128,
	SUSPECTS_OPEN = 8, /* while the setup is suspected, no more batches than these are opened */
};

static size_t lesser(size_t a, size_t b)
{
	return a < b ? a : b;
}

static struct fr_proposer proposer_of(const struct fr_courier *courier,
				      const struct fr_retry *retry)
{
	return (struct fr_proposer){courier->options.settings, courier->format, retry};
}

static bool sink_wants(void *context, const char *name, const char *route)
{
	const struct fr_courier *courier = context;

	return fr_sink_wants_name(courier->options.settings, name, route);
}

static struct fr_claim claim_make(struct fr_courier *courier, const struct fr_retry *retry)
{
	struct fr_proposer proposer = proposer_of(courier, retry);
	struct fr_claim claim = fr_proposal_claim(&proposer, courier->options.sink);

	claim.wants = sink_wants;
	claim.context = courier;
	return claim;
}

/* ---- is one due, and may it go ---- */

static bool is_booked(const struct fr_turn *turn, const struct fr_parcel *parcel)
{
	size_t i;

	for (i = 0; i < turn->booked_count; i++)
		if (turn->booked[i] == parcel)
			return true;
	return false;
}

/* Out, or about to be, or answered and this turn has not booked it. */
static bool is_under_way(const struct fr_turn *turn, const struct fr_parcel *parcel)
{
	return parcel->state != FR_PARCEL_FREE && !is_booked(turn, parcel);
}

static size_t under_way(const struct fr_courier *courier, const struct fr_turn *turn)
{
	size_t i, count = 0;

	for (i = 0; i < courier->parcel_count; i++)
		count += is_under_way(turn, &courier->parcels[i]);
	return count;
}

bool fr_courier_may_add(const struct fr_courier *courier, const struct fr_turn *turn)
{
	size_t count = under_way(courier, turn);
	const struct fr_retry *retry = &turn->retry;
	bool is_well = retry->kind[0] == '\0' && retry->attempts == 0 && retry->ramp == 0 &&
		       turn->suspects == 0 && !turn->has_leftovers;

	return count == 0 || (is_well && count < courier->inflight);
}

enum fr_status fr_courier_look(const struct fr_courier *courier, struct fr_turn *turn, bool *is_due,
			       struct fr_error *err)
{
	int64_t max_wait_us = courier->options.settings->max_wait_ms * 1000;
	struct fr_proposer proposer = proposer_of(courier, &turn->retry);
	size_t enough = fr_proposal_most_events(&proposer);
	int64_t now_us = fr_env_boot_us(courier->options.env);
	struct fr_backlog backlog;
	enum fr_status status;

	*is_due = turn->waiting >= enough;
	if (*is_due)
		return FR_OK;
	status = fr_sink_backlog(courier->options.queue, courier->options.sink, enough, &backlog,
				 err);
	if (status != FR_OK)
		return status;
	turn->waiting = backlog.waiting;
	turn->has_leftovers = backlog.open_batches > under_way(courier, turn);
	if (backlog.waiting == 0 && !backlog.more)
		turn->seen_boot_us = FR_NEVER;
	else if (turn->seen_boot_us == FR_NEVER)
		turn->seen_boot_us = now_us;
	if (turn->seen_boot_us == FR_NEVER && backlog.open_batches == 0)
		turn->is_flushing = false;
	*is_due = turn->has_leftovers || backlog.waiting >= enough || backlog.more ||
		  (turn->seen_boot_us != FR_NEVER &&
		   (turn->is_flushing || now_us - turn->seen_boot_us >= max_wait_us));
	return FR_OK;
}

int64_t fr_courier_next_look(const struct fr_courier *courier)
{
	if (courier->seen_boot_us == FR_NEVER)
		return FR_NEVER;
	return courier->seen_boot_us + courier->options.settings->max_wait_ms * 1000;
}

/* ---- which batch ---- */

static enum fr_status claim_new(struct fr_courier *courier, struct fr_turn *turn,
				struct fr_batch **out, struct fr_error *err)
{
	struct fr_claim claim = claim_make(courier, &turn->retry);
	enum fr_status status;
	size_t count;

	status = fr_batch_claim(courier->options.queue, &claim, out, &turn->more, err);
	if (status != FR_OK && status != FR_NONE)
		return status;
	count = status == FR_OK ? (*out)->count : 0;
	turn->waiting -= lesser(count, turn->waiting);
	turn->seen_boot_us = fr_env_boot_us(courier->options.env);
	if (!turn->more) {
		turn->waiting = 0;
		turn->seen_boot_us = FR_NEVER;
		turn->is_flushing = false;
	}
	return status;
}

static bool is_row_under_way(const struct fr_courier *courier, const struct fr_turn *turn,
			     int64_t row)
{
	size_t i;

	for (i = 0; i < courier->parcel_count; i++)
		if (is_under_way(turn, &courier->parcels[i]) &&
		    courier->parcels[i].batch->row == row)
			return true;
	return false;
}

/* The open batches beside those under way, as fr_batch_open_ids orders them. */
static enum fr_status leftovers_find(struct fr_courier *courier, const struct fr_turn *turn,
				     int64_t rows[OPEN_LOOKED_AT], size_t *count,
				     struct fr_error *err)
{
	size_t i, all = 0, kept = 0;
	enum fr_status status = fr_batch_open_ids(courier->options.queue, courier->options.sink,
						  rows, OPEN_LOOKED_AT, &all, err);

	for (i = 0; status == FR_OK && i < lesser(all, OPEN_LOOKED_AT); i++)
		if (!is_row_under_way(courier, turn, rows[i]))
			rows[kept++] = rows[i];
	*count = kept;
	return status;
}

/* Usually the oldest open batch. While the setup is suspected another one, so that one bad event
 * does not speak for all: the newest, then any, new events among them, which is what `count` stands
 * for. */
static size_t batch_choose(const struct fr_courier *courier, unsigned suspects, size_t count)
{
	size_t choices = count + (count < SUSPECTS_OPEN ? 1 : 0);

	if (suspects == 1)
		return count > 1 ? count - 1 : count;
	return (size_t)(fr_courier_now(courier).random % choices);
}

static enum fr_status batch_load(struct fr_courier *courier, int64_t row, struct fr_batch **out,
				 struct fr_error *err)
{
	enum fr_status status = fr_batch_load(courier->options.queue, row, out, err);

	if (status == FR_NONE)
		return fr_fail(err, FR_IO, "batch %lld is open and not there", (long long)row);
	return status;
}

/* The first open batch, or another one if it may be put off; a new one when none is open. FR_NONE:
 * there is nothing, or what is there has to wait until nothing else is under way. */
static enum fr_status batch_pick(struct fr_courier *courier, struct fr_turn *turn,
				 struct fr_batch **out, struct fr_error *err)
{
	int64_t rows[OPEN_LOOKED_AT];
	size_t count = 0, chosen;
	enum fr_status status = FR_OK;

	if (turn->has_leftovers)
		status = leftovers_find(courier, turn, rows, &count, err);
	if (status != FR_OK)
		return status;
	turn->has_leftovers = count > 0;
	if (count == 0)
		return claim_new(courier, turn, out, err);
	if (under_way(courier, turn) > 0)
		return FR_NONE;
	status = batch_load(courier, rows[0], out, err);
	if (status != FR_OK || turn->suspects == 0 || (*out)->maybe_taken)
		return status;
	fr_batch_free(*out);
	*out = NULL;
	chosen = batch_choose(courier, turn->suspects, count);
	if (chosen == count) {
		status = claim_new(courier, turn, out, err);
		if (status != FR_NONE)
			return status;
		chosen = count - 1;
	}
	return batch_load(courier, rows[chosen], out, err);
}

/* ---- may it go as it is ---- */

/* The third gate. */
static bool may_all_leave(const struct fr_courier *courier, const struct fr_batch *batch)
{
	size_t i;

	for (i = 0; i < batch->count; i++)
		if (!fr_sink_may_send(courier->options.settings, &batch->events[i],
				      batch->events[i].route))
			return false;
	return true;
}

static bool is_stale(const struct fr_courier *courier, const struct fr_batch *batch)
{
	struct fr_sink_batch view = fr_courier_view(batch);

	return courier->format->is_stale != NULL &&
	       courier->format->is_stale(&view, fr_env_wall_us(courier->options.env));
}

static enum fr_status batch_renew(struct fr_courier *courier, const struct fr_turn *turn,
				  const struct fr_batch *batch, const char *why,
				  struct fr_error *err)
{
	struct fr_claim claim = claim_make(courier, &turn->retry);
	enum fr_status status = fr_batch_renew(courier->options.queue, batch, &claim, err);

	fr_log(&courier->options.env->log, FR_LOG_INFO, "batch.renewed",
	       "sink=%s batch=%s events=%zu maybe_taken=%d reason=\"%s\"",
	       courier->options.settings->name, batch->uuid, batch->count, batch->maybe_taken, why);
	return status == FR_OK ? FR_NONE : status;
}

static enum fr_status batch_bury(struct fr_courier *courier, const struct fr_batch *batch,
				 const char *reason, struct fr_error *err)
{
	struct fr_refusal why = {.reason = reason, .answer = ""};
	enum fr_status status = fr_batch_bury(courier->options.queue, batch, &why, err);

	fr_log(&courier->options.env->log, FR_LOG_WARN, "batch.buried",
	       "sink=%s batch=%s events=%zu reason=\"%s\"", courier->options.settings->name,
	       batch->uuid, batch->count, reason);
	return status == FR_OK ? FR_NONE : status;
}

/* FR_OK: yes. FR_NONE: no, and the queue has changed: look again. */
static enum fr_status batch_admit(struct fr_courier *courier, const struct fr_turn *turn,
				  const struct fr_batch *batch, struct fr_error *err)
{
	if (batch->missing > 0 || batch->count == 0)
		return batch_renew(courier, turn, batch, "rows are gone", err);
	if (!may_all_leave(courier, batch))
		return batch_renew(courier, turn, batch, "an event may no longer be sent", err);
	if (is_stale(courier, batch))
		return batch_renew(courier, turn, batch, "the destination's age window", err);
	return FR_OK;
}

/* ---- its bytes ---- */

static enum fr_status batch_shrink(struct fr_courier *courier, const struct fr_batch *batch,
				   struct fr_error *err)
{
	enum fr_status status;

	if (batch->count == 1)
		return batch_bury(courier, batch, "too large for this sink", err);
	status = fr_batch_split(courier->options.queue, batch, err);
	return status == FR_OK ? FR_NONE : status;
}

/* Seals the batch unless it is sealed with these very bytes and still outstanding. */
static enum fr_status parcel_seal(struct fr_courier *courier, const struct fr_turn *turn,
				  struct fr_parcel *parcel, struct fr_error *err)
{
	struct fr_batch *batch = parcel->batch;
	const struct fr_buffer *body = &parcel->request.body;
	char digest[FR_CHECKSUM_HEX];
	bool is_same;

	fr_checksum_hex(digest, fr_buffer_text(body), body->length);
	is_same = strcmp(digest, batch->digest) == 0;
	parcel->was_ambiguous = batch->maybe_taken;
	parcel->body_bytes = (int64_t)body->length;
	if (batch->maybe_taken && is_same)
		return FR_OK;
	if (batch->maybe_taken && batch->digest[0] != '\0')
		return batch_renew(courier, turn, batch, "its bytes came out otherwise", err);
	return fr_batch_seal(courier->options.queue, batch, courier->format->encoder_version,
			     digest, err);
}

/* Encodes and seals. FR_NONE: the queue has changed instead: look again. */
static enum fr_status parcel_make(struct fr_courier *courier, const struct fr_turn *turn,
				  struct fr_parcel *parcel, struct fr_error *err)
{
	struct fr_proposer proposer = proposer_of(courier, &turn->retry);
	struct fr_sink_batch view = fr_courier_view(parcel->batch);
	enum fr_status status;

	fr_request_init(&parcel->request, fr_proposal_most_bytes(&proposer, parcel->batch));
	status = courier->format->encode(courier->options.settings, &view, &parcel->request, err);
	if (status == FR_TOO_LARGE && parcel->request.body.status == FR_TOO_LARGE)
		return batch_shrink(courier, parcel->batch, err);
	if (status != FR_OK)
		return status;
	if (parcel->request.left_out_count == parcel->batch->count)
		return batch_bury(courier, parcel->batch, "cannot be encoded for this sink", err);
	return parcel_seal(courier, turn, parcel, err);
}

/* One batch, READY; *is_found says whether there was one. */
static enum fr_status fetch_one(struct fr_courier *courier, struct fr_turn *turn, bool *is_found,
				struct fr_error *err)
{
	struct fr_parcel *parcel = fr_parcel_find(courier, FR_PARCEL_FREE);
	enum fr_status status;
	int round;

	assert(parcel != NULL);
	*is_found = false;
	for (round = 0; round < ROUNDS_MOST; round++) {
		status = batch_pick(courier, turn, &parcel->batch, err);
		if (status != FR_OK)
			return status == FR_NONE ? FR_OK : status;
		fr_parcel_move(parcel, FR_PARCEL_READY);
		status = batch_admit(courier, turn, parcel->batch, err);
		if (status == FR_OK)
			status = parcel_make(courier, turn, parcel, err);
		*is_found = status == FR_OK;
		if (*is_found)
			return FR_OK;
		fr_parcel_move(parcel, FR_PARCEL_FREE);
		if (status != FR_NONE)
			return status;
		turn->has_leftovers = true;
	}
	turn->more = true;
	return FR_OK;
}

enum fr_status fr_courier_fetch(struct fr_courier *courier, struct fr_turn *turn,
				struct fr_error *err)
{
	bool is_due = true;

	while (is_due && fr_courier_may_add(courier, turn)) {
		enum fr_status status = fr_courier_look(courier, turn, &is_due, err);

		if (status == FR_OK && is_due)
			status = fetch_one(courier, turn, &is_due, err);
		if (status != FR_OK)
			return status;
	}
	return FR_OK;
}

enum fr_status fr_courier_fetch_first(struct fr_courier *courier, struct fr_turn *turn,
				      struct fr_error *err)
{
	bool is_found = false;
	enum fr_status status = fetch_one(courier, turn, &is_found, err);

	if (status != FR_OK || !is_found || courier->is_careful)
		return status;
	return fr_courier_fetch(courier, turn, err);
}

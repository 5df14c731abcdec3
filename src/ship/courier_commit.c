/* The courier's two transactions, and what follows from each.
 *
 * Claim: the next batches are readied and sealed; after the commit they are sent. Book: all answers
 * that have come, the retry state and the next claims become true together, so that they share one
 * sync; after the commit memory says the same, and the next batches are sent. A crash before a
 * commit is as if the turn had not begun; a crash after it finds the batches open and maybe taken,
 * and sends the same bytes again.
 *
 * Failures: the transaction is rolled back, memory stays as it was, and the same turn comes again,
 * with as little as can be: one answer without a claim, since an ack must not wait for room for
 * another batch; or one claim.
 */
#include <string.h>

#include "base/crash.h"
#include "base/text.h"
#include "ship/courier_parts.h"

struct fr_turn fr_turn_begin(const struct fr_courier *courier)
{
	return (struct fr_turn){
		.retry = courier->retry,
		.troubles = courier->troubles,
		.suspects = courier->suspects,
		.burials = courier->burials,
		.full_acks = courier->full_acks,
		.seen_boot_us = courier->seen_boot_us,
		.waiting = courier->waiting,
		.has_leftovers = courier->has_leftovers,
		.is_flushing = courier->is_flushing,
	};
}

void fr_turn_take_over(struct fr_courier *courier, const struct fr_turn *turn)
{
	fr_courier_queue_works(courier);
	courier->is_careful = false;
	courier->retry = turn->retry;
	courier->troubles = turn->troubles;
	courier->suspects = turn->suspects;
	courier->burials = turn->burials;
	courier->full_acks = turn->full_acks;
	courier->seen_boot_us = turn->seen_boot_us;
	courier->waiting = turn->waiting;
	courier->has_leftovers = turn->has_leftovers;
	courier->is_flushing = turn->is_flushing;
}

/* It did not become true: what was readied is given up. */
static void turn_give_up(struct fr_courier *courier)
{
	struct fr_parcel *parcel;

	while ((parcel = fr_parcel_find(courier, FR_PARCEL_READY)) != NULL)
		fr_parcel_move(parcel, FR_PARCEL_FREE);
}

/* The same turn comes again, with less to do: it may have been the last claim that failed. */
static void turn_repeat(struct fr_courier *courier, const struct fr_error *why)
{
	courier->is_careful = true;
	fr_courier_queue_failed(courier, why);
}

/* The state that parcels and retry state ask for, and what is readied is sent. */
static void courier_go_on(struct fr_courier *courier)
{
	struct fr_moment now = fr_courier_now(courier);
	int64_t left_us = fr_retry_left_us(&courier->retry, &now);

	if (fr_parcel_find(courier, FR_PARCEL_ANSWERED) != NULL) {
		courier->due_boot_us = now.boot_us;
	} else if (fr_parcel_find(courier, FR_PARCEL_READY) != NULL ||
		   fr_parcel_find(courier, FR_PARCEL_OUT) != NULL) {
		fr_courier_move(courier, FR_COURIER_SENDING, fr_courier_next_look(courier));
		fr_parcels_send(courier);
	} else if (courier->retry.paused) {
		fr_courier_move(courier, FR_COURIER_PAUSED,
				left_us > 0 ? now.boot_us + left_us : FR_NEVER);
	} else if (left_us > 0) {
		fr_courier_move(courier, FR_COURIER_WAITING, now.boot_us + left_us);
	} else {
		fr_courier_move(courier, FR_COURIER_IDLE, now.boot_us);
	}
}

/* No request can be made of these settings: says so, and tries again when a pause is over. */
static void courier_refuse_settings(struct fr_courier *courier, const struct fr_error *why)
{
	struct fr_backoff backoff = fr_courier_backoff(courier);
	struct fr_answer none = {.content_type = "", .retry_after = "", .date = "", .body = ""};
	struct fr_verdict_input input = {.outcome = FR_OUTCOME_LOCAL,
					 .transport_text = why->text,
					 .answer = &none,
					 .last_kind = ""};
	struct fr_verdict verdict = fr_verdict_of(&input);
	struct fr_moment now = fr_courier_now(courier);
	struct fr_retry retry = courier->retry;
	struct fr_queue *queue = courier->options.queue;
	struct fr_error err = {.text = ""};
	enum fr_status status;

	fr_retry_fail(&retry, &verdict, &backoff, &now);
	status = fr_queue_begin(queue, &err);
	if (status == FR_OK)
		status = fr_sink_save_retry(queue, courier->options.sink, &retry, &err);
	if (status == FR_OK)
		status = fr_queue_commit(queue, &err);
	fr_queue_rollback(queue);
	if (status != FR_OK) {
		fr_courier_queue_failed(courier, &err);
		return;
	}
	courier->retry = retry;
	courier->troubles++;
	courier->has_tried = true;
	courier_go_on(courier);
	fr_courier_report(courier);
}

/* CLAIMING found nothing to send. */
static void courier_rest(struct fr_courier *courier)
{
	fr_retry_end_wait(&courier->retry);
	courier_go_on(courier);
	fr_courier_report(courier);
}

/* It is committed: what was readied goes out. */
static void claim_end(struct fr_courier *courier, const struct fr_turn *turn)
{
	fr_turn_take_over(courier, turn);
	if (fr_parcel_find(courier, FR_PARCEL_READY) != NULL)
		courier_go_on(courier);
	else if (turn->more)
		courier->due_boot_us = fr_env_boot_us(courier->options.env);
	else
		courier_rest(courier);
}

void fr_courier_claim(struct fr_courier *courier)
{
	struct fr_queue *queue = courier->options.queue;
	struct fr_turn turn = fr_turn_begin(courier);
	struct fr_error err = {.text = ""};
	enum fr_status status = fr_queue_begin(queue, &err);

	if (status == FR_OK)
		status = fr_courier_fetch_first(courier, &turn, &err);
	FR_CRASH_POINT("courier.claim.before_commit");
	if (status == FR_OK)
		status = fr_queue_commit(queue, &err);
	FR_CRASH_POINT("courier.claim.after_commit");
	fr_queue_rollback(queue);
	if (status != FR_OK)
		turn_give_up(courier);
	if (status == FR_INVALID)
		courier_refuse_settings(courier, &err);
	else if (status != FR_OK)
		turn_repeat(courier, &err);
	else
		claim_end(courier, &turn);
}
/* ---- booking ---- */

static void answer_log(const struct fr_parcel *parcel, const struct fr_retry *retry)
{
	const struct fr_courier *courier = parcel->courier;
	const struct fr_logger *log = &courier->options.env->log;
	const char *name = courier->options.settings->name;

	if (parcel->verdict.action == FR_ACT_ACK)
		fr_log(log, FR_LOG_INFO, "batch.acked",
		       "sink=%s batch=%s events=%zu delivered=%llu bytes=%lld status=%d unread=%d",
		       name, parcel->batch->uuid, parcel->batch->count,
		       (unsigned long long)parcel->delivered, (long long)parcel->body_bytes,
		       parcel->status, parcel->body_incomplete);
	else
		fr_log(log, FR_LOG_WARN, "batch.not_acked",
		       "sink=%s batch=%s events=%zu kind=%s wait_ms=%lld paused=%d reason=\"%s\"",
		       name, parcel->batch->uuid, parcel->batch->count, parcel->verdict.kind,
		       (long long)(retry->wait_us / 1000), retry->paused, parcel->verdict.reason);
}

static void answer_count(struct fr_courier *courier, const struct fr_parcel *parcel)
{
	int digit = parcel->status / 100;

	if (parcel->verdict.action == FR_ACT_ACK)
		courier->acked_batches++;
	else
		courier->failures++;
	if (parcel->outcome == FR_OUTCOME_AMBIGUOUS)
		courier->ambiguous++;
	if (parcel->verdict.action == FR_ACT_ACK && parcel->body_incomplete)
		courier->unread++;
	courier->answers[digit > 0 && digit < FR_ANSWERS_COUNT ? digit : FR_ANSWERS_NONE]++;
	courier->delivered_events += parcel->delivered;
}

/* All that have come, as far as one transaction has room for them. */
static enum fr_status book_all(struct fr_courier *courier, struct fr_turn *turn,
			       struct fr_error *err)
{
	int64_t room_bytes = fr_batch_ack_bytes(courier->options.queue);
	enum fr_status status = FR_OK;
	size_t i;

	for (i = 0; i < courier->parcel_count && status == FR_OK; i++) {
		struct fr_parcel *parcel = &courier->parcels[i];

		if (parcel->state != FR_PARCEL_ANSWERED)
			continue;
		room_bytes -= parcel->body_bytes;
		if (turn->booked_count > 0 && (room_bytes < 0 || courier->is_careful))
			break;
		status = fr_parcel_book(parcel, turn, err);
		turn->booked[turn->booked_count++] = parcel;
	}
	return status;
}

/* The next batches share the commit, when they are due and nothing is in the way. */
static enum fr_status fetch_next(struct fr_courier *courier, struct fr_turn *turn,
				 struct fr_error *err)
{
	if (courier->is_stopping || courier->is_careful || turn->retry.paused ||
	    turn->retry.wait_us > 0)
		return FR_OK;
	return fr_courier_fetch(courier, turn, err);
}

static enum fr_status commit_answers(struct fr_courier *courier, struct fr_turn *turn,
				     struct fr_error *err)
{
	struct fr_queue *queue = courier->options.queue;
	enum fr_status status = fr_queue_begin(queue, err);

	if (status == FR_OK)
		status = book_all(courier, turn, err);
	if (status == FR_OK)
		status = fr_sink_save_retry(queue, courier->options.sink, &turn->retry, err);
	if (status == FR_OK)
		status = fetch_next(courier, turn, err);
	FR_CRASH_POINT("courier.book.before_commit");
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	FR_CRASH_POINT("courier.book.after_commit");
	fr_queue_rollback(queue);
	return status;
}

void fr_courier_book_answers(struct fr_courier *courier)
{
	struct fr_turn turn = fr_turn_begin(courier);
	struct fr_error err = {.text = ""};
	size_t i;

	if (commit_answers(courier, &turn, &err) != FR_OK) {
		turn_give_up(courier);
		turn_repeat(courier, &err);
		return;
	}
	for (i = 0; i < turn.booked_count; i++) {
		answer_log(turn.booked[i], &turn.retry);
		answer_count(courier, turn.booked[i]);
		fr_parcel_move(turn.booked[i], FR_PARCEL_FREE);
	}
	if (turn.retry.wait_us > 0 || turn.retry.paused)
		courier->has_tried = true;
	fr_turn_take_over(courier, &turn);
	courier_go_on(courier);
	fr_courier_report(courier);
}

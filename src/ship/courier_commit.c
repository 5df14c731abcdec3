/* The courier's two transactions, and what follows from each.
 *
 * Claim: the next batch is readied and sealed; after the commit it is sent. Book: an answer, the
 * retry state and the next claim become true together; after the commit memory says the same, and
 * the next batch is sent. A crash before a commit is as if the turn had not begun; a crash after it
 * finds the batch open and maybe taken, and sends the same bytes again.
 *
 * Failures: the transaction is rolled back, memory stays as it was, and the same turn comes again.
 * When booking and claiming fail together, the booking is tried alone: an ack must not wait for
 * room for another batch.
 */
#include <string.h>

#include "base/crash.h"
#include "base/text.h"
#include "ship/courier_parts.h"

enum fr_status fr_courier_look(struct fr_courier *courier, const struct fr_retry *retry,
			       bool *is_due, struct fr_error *err)
{
	int64_t max_wait_us = courier->options.settings->max_wait_ms * 1000;
	size_t enough = fr_courier_most_events(courier, retry);
	int64_t now_us = fr_env_boot_us(courier->options.env);
	struct fr_backlog backlog;
	enum fr_status status;

	*is_due = courier->waiting >= enough;
	if (*is_due)
		return FR_OK;
	status = fr_sink_backlog(courier->options.queue, courier->options.sink, enough, &backlog,
				 err);
	if (status != FR_OK)
		return status;
	courier->waiting = backlog.waiting;
	if (backlog.waiting == 0 && !backlog.more)
		courier->seen_boot_us = FR_NEVER;
	else if (courier->seen_boot_us == FR_NEVER)
		courier->seen_boot_us = now_us;
	if (courier->seen_boot_us == FR_NEVER && backlog.open_batches == 0)
		courier->is_flushing = false;
	*is_due = backlog.open_batches > 0 || backlog.waiting >= enough || backlog.more ||
		  courier->is_flushing ||
		  (courier->seen_boot_us != FR_NEVER &&
		   now_us - courier->seen_boot_us >= max_wait_us);
	return FR_OK;
}

static struct fr_turn turn_begin(const struct fr_courier *courier)
{
	return (struct fr_turn){.retry = courier->retry, .suspects = courier->suspects};
}

/* What the transaction made true, memory now says too. */
static void turn_take_over(struct fr_courier *courier, struct fr_turn *turn)
{
	size_t claimed = turn->next.batch != NULL ? turn->next.batch->count : 0;

	fr_courier_queue_works(courier);
	courier->books_alone = false;
	courier->retry = turn->retry;
	courier->suspects = turn->suspects;
	courier->parcel = turn->next;
	turn->next = (struct fr_parcel){0};
	if (!turn->has_claimed)
		return;
	courier->waiting -= claimed < courier->waiting ? claimed : courier->waiting;
	courier->seen_boot_us = turn->more ? fr_env_boot_us(courier->options.env) : FR_NEVER;
	if (!turn->more) {
		courier->waiting = 0;
		courier->is_flushing = false;
	}
}

static void on_result(void *context, const struct fr_exchange_result *result)
{
	struct fr_courier *courier = context;

	if (courier->is_closing)
		return;
	fr_courier_judge(courier, result);
	FR_CRASH_POINT("courier.answered");
	fr_courier_move(courier, FR_COURIER_ACKING, fr_env_boot_us(courier->options.env));
	fr_courier_nudge(courier);
}

/* A request that cannot even be handed over is answered on the spot: nothing was sent. */
static void courier_send(struct fr_courier *courier)
{
	const struct fr_env *env = courier->options.env;
	struct fr_sending sending = {&courier->parcel.request, fr_env_wall_us(env), on_result,
				     courier};
	struct fr_exchange *exchange; /* it ends with its callback, or with the transport */
	struct fr_error err = {.text = ""};
	struct fr_exchange_result result = {
		.answer = {.content_type = "", .retry_after = "", .date = "", .body = ""},
		.text = err.text};
	enum fr_status status;

	fr_courier_move(courier, FR_COURIER_SENDING, FR_NEVER);
	courier->requests++;
	FR_CRASH_POINT("courier.send.before");
	status = fr_transport_send(courier->transport, &sending, &exchange, &err);
	FR_CRASH_POINT("courier.send.after");
	if (status == FR_OK)
		return;
	result.outcome = status == FR_INVALID ? FR_OUTCOME_LOCAL : FR_OUTCOME_OFFLINE;
	on_result(courier, &result);
}

/* The state that the retry state asks for when there is nothing to send. */
static void courier_rest(struct fr_courier *courier)
{
	struct fr_moment now = fr_courier_now(courier);
	int64_t left_us = fr_retry_left_us(&courier->retry, &now);

	if (courier->retry.paused)
		fr_courier_move(courier, FR_COURIER_PAUSED,
				left_us > 0 ? now.boot_us + left_us : FR_NEVER);
	else if (left_us > 0)
		fr_courier_move(courier, FR_COURIER_WAITING, now.boot_us + left_us);
	else
		fr_courier_move(courier, FR_COURIER_IDLE, now.boot_us);
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
	courier->has_tried = true;
	courier_rest(courier);
	fr_courier_report(courier);
}

void fr_courier_claim(struct fr_courier *courier)
{
	struct fr_queue *queue = courier->options.queue;
	struct fr_turn turn = turn_begin(courier);
	struct fr_error err = {.text = ""};
	enum fr_status status = fr_queue_begin(queue, &err);

	if (status == FR_OK)
		status = fr_courier_fetch(courier, &turn, &err);
	FR_CRASH_POINT("courier.claim.before_commit");
	if (status == FR_OK)
		status = fr_queue_commit(queue, &err);
	FR_CRASH_POINT("courier.claim.after_commit");
	fr_queue_rollback(queue);
	if (status == FR_INVALID) {
		courier_refuse_settings(courier, &err);
	} else if (status != FR_OK) {
		fr_courier_queue_failed(courier, &err);
	} else {
		turn_take_over(courier, &turn);
		if (courier->parcel.batch != NULL) {
			courier_send(courier);
		} else if (turn.more) {
			courier->due_boot_us = fr_env_boot_us(courier->options.env);
		} else {
			fr_retry_end_wait(&courier->retry);
			courier_rest(courier);
			fr_courier_report(courier);
		}
	}
	fr_parcel_fini(&turn.next);
}

static void answer_log(const struct fr_courier *courier, const struct fr_turn *turn)
{
	const struct fr_logger *log = &courier->options.env->log;
	const struct fr_parcel *parcel = &courier->parcel;
	const char *name = courier->options.settings->name;

	if (parcel->verdict.action == FR_ACT_ACK)
		fr_log(log, FR_LOG_INFO, "batch.acked",
		       "sink=%s batch=%s events=%zu delivered=%llu bytes=%lld status=%d unread=%d",
		       name, parcel->batch->uuid, parcel->batch->count,
		       (unsigned long long)turn->delivered, (long long)parcel->body_bytes,
		       parcel->status, parcel->body_incomplete);
	else
		fr_log(log, FR_LOG_WARN, "batch.not_acked",
		       "sink=%s batch=%s events=%zu kind=%s wait_ms=%lld paused=%d reason=\"%s\"",
		       name, parcel->batch->uuid, parcel->batch->count, parcel->verdict.kind,
		       (long long)(turn->retry.wait_us / 1000), turn->retry.paused,
		       parcel->verdict.reason);
}

static void answer_count(struct fr_courier *courier, const struct fr_turn *turn)
{
	const struct fr_parcel *parcel = &courier->parcel;

	if (parcel->verdict.action == FR_ACT_ACK)
		courier->acked_batches++;
	else
		courier->failures++;
	if (parcel->outcome == FR_OUTCOME_AMBIGUOUS)
		courier->ambiguous++;
	if (parcel->verdict.action == FR_ACT_ACK && parcel->body_incomplete)
		courier->unread++;
	courier->delivered_events += turn->delivered;
}

/* The next batch shares the commit, when one is due and nothing is in the way. */
static enum fr_status courier_go_on(struct fr_courier *courier, struct fr_turn *turn,
				    struct fr_error *err)
{
	enum fr_status status;
	bool is_due = false;

	if (courier->is_stopping || courier->books_alone || turn->retry.paused ||
	    turn->retry.wait_us > 0)
		return FR_OK;
	status = fr_courier_look(courier, &turn->retry, &is_due, err);
	if (status == FR_OK && is_due)
		status = fr_courier_fetch(courier, turn, err);
	return status;
}

static enum fr_status courier_commit_answer(struct fr_courier *courier, struct fr_turn *turn,
					    struct fr_error *err)
{
	struct fr_queue *queue = courier->options.queue;
	enum fr_status status = fr_queue_begin(queue, err);

	if (status == FR_OK)
		status = fr_courier_book(courier, turn, err);
	if (status == FR_OK)
		status = fr_sink_save_retry(queue, courier->options.sink, &turn->retry, err);
	if (status == FR_OK)
		status = courier_go_on(courier, turn, err);
	FR_CRASH_POINT("courier.book.before_commit");
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	FR_CRASH_POINT("courier.book.after_commit");
	fr_queue_rollback(queue);
	return status;
}

void fr_courier_book_answer(struct fr_courier *courier)
{
	struct fr_turn turn = turn_begin(courier);
	struct fr_error err = {.text = ""};
	enum fr_status status = courier_commit_answer(courier, &turn, &err);

	if (status != FR_OK) {
		fr_parcel_fini(&turn.next);
		courier->books_alone = true; /* it may have been the claim that failed */
		fr_courier_queue_failed(courier, &err);
		return;
	}
	answer_log(courier, &turn);
	answer_count(courier, &turn);
	courier->is_held = courier->parcel.verdict.at_least_ms > 0;
	if (turn.retry.wait_us > 0 || turn.retry.paused)
		courier->has_tried = true;
	fr_parcel_fini(&courier->parcel);
	turn_take_over(courier, &turn);
	if (courier->parcel.batch != NULL)
		courier_send(courier);
	else
		courier_rest(courier);
	fr_courier_report(courier);
}

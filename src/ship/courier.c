/* The happy path, in turns on the loop: IDLE sees that a batch is due and claims it (one commit),
 * sends it; the answer comes (ACKING); its booking, the retry state and the next claim are one
 * commit again; the next one is sent, or IDLE sets its timer for when the oldest event will have
 * waited long enough. With room for more in flight SENDING looks out for due batches as IDLE does,
 * a commit claims as many as may go, and books all answers that have come meanwhile.
 *
 * Failures of the sink are verdicts (courier_answer.c) and lead to WAITING or PAUSED, whose timer,
 * or a flush, leads back to CLAIMING. Failures of the queue leave state and memory as they are; the
 * turn is repeated, after 50 ms at first, after 5 s at most: an answer that could not be booked is
 * kept, and its batch is not sent again meanwhile.
 *
 * After a crash: before a claim commits, nothing has happened; after it, before the booking
 * commits, the batch is open and maybe taken, and goes again as the same bytes; after that it is
 * finished.
 */
#include "ship/courier.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ship/courier_parts.h"

#define BIT(state) (1U << (state))

static const struct fr_backoff queue_backoff = {100, 5000};

/* ---- states ---- */

static const struct {
	const char *name;
	unsigned next; /* states it may move to */
} states[] = {
	[FR_COURIER_IDLE] = {"idle", BIT(FR_COURIER_CLAIMING)},
	[FR_COURIER_CLAIMING] = {"claiming", BIT(FR_COURIER_SENDING) | BIT(FR_COURIER_IDLE) |
						     BIT(FR_COURIER_PAUSED) |
						     BIT(FR_COURIER_ACKING)},
	[FR_COURIER_SENDING] = {"sending", BIT(FR_COURIER_ACKING) | BIT(FR_COURIER_CLAIMING)},
	[FR_COURIER_ACKING] = {"acking", BIT(FR_COURIER_SENDING) | BIT(FR_COURIER_IDLE) |
						 BIT(FR_COURIER_WAITING) | BIT(FR_COURIER_PAUSED)},
	[FR_COURIER_WAITING] = {"waiting", BIT(FR_COURIER_CLAIMING)},
	[FR_COURIER_PAUSED] = {"paused", BIT(FR_COURIER_CLAIMING)},
};

const char *fr_courier_state_name(enum fr_courier_state state)
{
	return states[state].name;
}

void fr_courier_move(struct fr_courier *courier, enum fr_courier_state to, int64_t due_boot_us)
{
	assert((states[courier->state].next & BIT(to)) != 0);
	fr_log(&courier->options.env->log, FR_LOG_DEBUG, "courier.moved", "sink=%s from=%s to=%s",
	       courier->options.settings->name, states[courier->state].name, states[to].name);
	courier->state = to;
	courier->due_boot_us = due_boot_us;
}

/* ---- time ---- */

struct fr_moment fr_courier_now(const struct fr_courier *courier)
{
	const struct fr_env *env = courier->options.env;
	struct fr_moment now = {
		.wall_us = fr_env_wall_us(env),
		.boot_us = fr_env_boot_us(env),
		.boot_id = env->boot_id != NULL ? env->boot_id : "",
	};

	/* Without randomness the clock's last digits must do: this is jitter, not a secret. */
	if (fr_env_random(env, &now.random, sizeof now.random) != FR_OK)
		now.random = (uint64_t)now.boot_us * UINT64_C(0x9e3779b97f4a7c15);
	return now;
}

struct fr_backoff fr_courier_backoff(const struct fr_courier *courier)
{
	const struct fr_sink_settings *settings = courier->options.settings;

	return (struct fr_backoff){settings->retry_initial_ms, settings->retry_max_ms};
}

/* Sets the one timer for when the state goes on; none when only somebody else can make it. */
static void courier_arm(struct fr_courier *courier)
{
	int64_t left_us = courier->due_boot_us - fr_env_boot_us(courier->options.env);
	struct timeval delay;

	if (courier->due_boot_us == FR_NEVER) {
		(void)evtimer_del(&courier->turn);
		return;
	}
	if (left_us < 0)
		left_us = 0;
	delay.tv_sec = (time_t)(left_us / 1000000);
	delay.tv_usec = (suseconds_t)(left_us % 1000000);
	(void)evtimer_add(&courier->turn, &delay);
}

void fr_courier_nudge(struct fr_courier *courier)
{
	static const struct timeval at_once = {0, 0};

	(void)evtimer_add(&courier->turn, &at_once);
}

void fr_courier_report(const struct fr_courier *courier)
{
	if (courier->options.on_progress != NULL)
		courier->options.on_progress(courier->options.context);
}

/* ---- when the queue itself fails ---- */

/* The state stays; its turn comes again. Said once, not at every try. */
void fr_courier_queue_failed(struct fr_courier *courier, const struct fr_error *err)
{
	struct fr_moment now = fr_courier_now(courier);
	int64_t wait_ms = fr_backoff_ms(&queue_backoff, courier->queue_faults, now.random);

	if (courier->queue_faults == 0)
		fr_log(&courier->options.env->log, FR_LOG_WARN, "queue.failed",
		       "sink=%s state=%s reason=\"%s\"", courier->options.settings->name,
		       states[courier->state].name, err->text);
	courier->queue_faults = fr_backoff_after_failure(courier->queue_faults);
	(void)fr_text_copy(courier->queue_fault, sizeof courier->queue_fault, err->text);
	courier->waiting = 0; /* whatever was known of it */
	courier->due_boot_us = now.boot_us + wait_ms * 1000;
}

void fr_courier_queue_works(struct fr_courier *courier)
{
	courier->queue_faults = 0;
	courier->queue_fault[0] = '\0';
}

/* ---- turns ---- */

/* IDLE, and SENDING while one more may go: claims when a batch is due, else waits until it is. */
static void looking_turn(struct fr_courier *courier)
{
	struct fr_turn turn = fr_turn_begin(courier);
	struct fr_error err = {.text = ""};
	bool is_due;

	if (!fr_courier_may_add(courier, &turn)) {
		courier->due_boot_us = FR_NEVER;
		return;
	}
	if (fr_courier_look(courier, &turn, &is_due, &err) != FR_OK) {
		fr_courier_queue_failed(courier, &err);
		return;
	}
	fr_turn_take_over(courier, &turn);
	if (is_due && fr_courier_may_add(courier, &turn)) {
		fr_courier_move(courier, FR_COURIER_CLAIMING, fr_env_boot_us(courier->options.env));
		fr_courier_claim(courier);
	} else {
		courier->due_boot_us = fr_courier_next_look(courier);
	}
}

/* The wait is the server's own wish: a flush does not end it. */
static bool is_held(const struct fr_courier *courier)
{
	return strcmp(courier->retry.kind, FR_KIND_RETRY_AFTER) == 0;
}

/* WAITING and PAUSED: on with it when the time is up, or when somebody who may says so. */
static void waiting_turn(struct fr_courier *courier)
{
	struct fr_moment now = fr_courier_now(courier);
	int64_t left_us = fr_retry_left_us(&courier->retry, &now);

	if (left_us > 0 && (!courier->is_flushing || courier->has_tried || is_held(courier))) {
		courier->due_boot_us = now.boot_us + left_us;
		return;
	}
	fr_courier_move(courier, FR_COURIER_CLAIMING, now.boot_us);
	fr_courier_claim(courier);
}

static void courier_turn(struct fr_courier *courier)
{
	bool is_time = fr_env_boot_us(courier->options.env) >= courier->due_boot_us;

	switch (courier->state) {
	case FR_COURIER_IDLE:
	case FR_COURIER_SENDING:
		if (!courier->is_stopping)
			looking_turn(courier);
		break;
	case FR_COURIER_CLAIMING:
		if (!courier->is_stopping && is_time)
			fr_courier_claim(courier);
		break;
	case FR_COURIER_ACKING:
		if (is_time)
			fr_courier_book_answers(courier);
		break;
	case FR_COURIER_WAITING:
	case FR_COURIER_PAUSED:
		if (!courier->is_stopping)
			waiting_turn(courier);
		break;
	}
	if (courier->is_stopping && courier->state != FR_COURIER_ACKING)
		courier->due_boot_us = FR_NEVER;
	courier_arm(courier);
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	courier_turn(context);
}

/* ---- verbs ---- */

void fr_courier_wake(struct fr_courier *courier)
{
	fr_courier_nudge(courier);
}

void fr_courier_flush(struct fr_courier *courier)
{
	courier->is_flushing = true;
	courier->has_tried = false;
	fr_courier_nudge(courier);
}

void fr_courier_stop(struct fr_courier *courier)
{
	courier->is_stopping = true;
	fr_courier_nudge(courier);
}

bool fr_courier_is_busy(const struct fr_courier *courier)
{
	return fr_parcels_in(courier, FR_PARCEL_OUT) > 0 ||
	       fr_parcels_in(courier, FR_PARCEL_ANSWERED) > 0;
}

bool fr_courier_is_done(const struct fr_courier *courier)
{
	struct fr_backlog backlog;

	return !fr_courier_is_busy(courier) && courier->state != FR_COURIER_CLAIMING &&
	       fr_sink_backlog(courier->options.queue, courier->options.sink, 1, &backlog, NULL) ==
		       FR_OK &&
	       backlog.waiting == 0 && !backlog.more && backlog.open_batches == 0;
}

void fr_courier_facts(const struct fr_courier *courier, struct fr_courier_facts *out)
{
	bool is_waiting = courier->state == FR_COURIER_WAITING ||
			  courier->state == FR_COURIER_PAUSED || courier->queue_faults > 0;
	int64_t left_us = courier->due_boot_us - fr_env_boot_us(courier->options.env);
	bool is_planned = is_waiting && courier->due_boot_us != FR_NEVER;

	*out = (struct fr_courier_facts){
		.state = courier->state,
		.state_name = fr_courier_state_name(courier->state),
		.next_attempt_in_ms = !is_planned   ? -1
				      : left_us > 0 ? left_us / 1000
						    : 0,
		.since_us = courier->retry.since_us,
		.last_success_us = courier->retry.last_success_us,
		.requests = courier->requests,
		.acked_batches = courier->acked_batches,
		.delivered_events = courier->delivered_events,
		.failures = courier->failures,
		.ambiguous = courier->ambiguous,
		.unread = courier->unread,
		.in_flight = fr_parcels_in(courier, FR_PARCEL_OUT),
	};
	memcpy(out->answers, courier->answers, sizeof out->answers);
	(void)fr_text_copy(out->kind, sizeof out->kind,
			   courier->queue_faults > 0 ? "queue" : courier->retry.kind);
	(void)fr_text_copy(out->reason, sizeof out->reason,
			   courier->queue_faults > 0 ? courier->queue_fault
						     : courier->retry.reason);
}

/* ---- life ---- */

/* Where it left off. A pause is probed at once; a server's wish is still the server's. A
 * suspicion is still one: no start buries some more. */
static enum fr_status courier_restore(struct fr_courier *courier, struct fr_error *err)
{
	const struct fr_courier_options *options = &courier->options;
	struct fr_moment now = fr_courier_now(courier);
	struct fr_backoff backoff = fr_courier_backoff(courier);
	struct fr_sink_row row;
	enum fr_status status = fr_sink_load(options->queue, options->sink, &row, err);

	if (status != FR_OK)
		return status;
	fr_retry_start(&row.retry, &backoff, &now);
	courier->retry = row.retry;
	if (strcmp(row.retry.kind, FR_KIND_SETUP) == 0)
		courier->burials = FR_BURIALS_MOST;
	if (row.retry.paused) {
		courier->retry.wait_us = 0;
		courier->state = FR_COURIER_PAUSED;
	} else if (fr_retry_left_us(&row.retry, &now) > 0) {
		courier->state = FR_COURIER_WAITING;
	}
	return FR_OK;
}

static enum fr_status courier_begin(struct fr_courier *courier, struct fr_error *err)
{
	const struct fr_courier_options *options = &courier->options;
	enum fr_status status = FR_OK;

	courier->format = fr_sink_format_find(options->settings->type);
	if (courier->format == NULL)
		return fr_fail(err, FR_INVALID, "sink %s: nobody knows the type \"%s\"",
			       options->settings->name, options->settings->type);
	if (evtimer_assign(&courier->turn, options->loop, on_turn, courier) != 0)
		return fr_fail(err, FR_NOMEM, "courier: %s", fr_status_text(FR_NOMEM));
	status = fr_parcels_open(courier, err);
	if (status == FR_OK)
		status = courier_restore(courier, err);
	if (status == FR_OK && courier->transport == NULL)
		status = fr_transport_new(&courier->transport, options->loop, options->settings,
					  options->env, err);
	if (status == FR_OK)
		fr_courier_nudge(courier);
	return status;
}

enum fr_status fr_courier_new(struct fr_courier **out, const struct fr_courier_options *options,
			      struct fr_error *err)
{
	struct fr_courier *courier = calloc(1, sizeof *courier);
	enum fr_status status;

	*out = NULL;
	if (courier == NULL) {
		fr_transport_free(options->transport);
		return fr_fail(err, FR_NOMEM, "courier: %s", fr_status_text(FR_NOMEM));
	}
	courier->options = *options;
	courier->transport = options->transport;
	courier->state = FR_COURIER_IDLE;
	courier->due_boot_us = fr_env_boot_us(courier->options.env);
	courier->seen_boot_us = FR_NEVER;
	courier->has_leftovers = true; /* until somebody has looked */
	status = courier_begin(courier, err);
	if (status == FR_OK) {
		*out = courier;
		courier = NULL;
	}
	fr_courier_free(courier);
	return status;
}

void fr_courier_free(struct fr_courier *courier)
{
	if (courier == NULL)
		return;
	courier->is_closing = true;
	fr_transport_free(courier->transport);
	if (event_initialized(&courier->turn))
		(void)evtimer_del(&courier->turn);
	fr_parcels_close(courier);
	free(courier);
}

/* The courier: carries one sink's events from the queue to the sink, one state machine each.
 *
 *            due, or an open batch             request handed over
 *   IDLE ------------------------> CLAIMING ------------------------> SENDING
 *    ^  ^        nothing wanted      |                                   |
 *    |  +----------------------------+                     2xx           | answer
 *    |                                              +--------------------+
 *    |   ack committed (and the next claim with it) v                    |
 *    +------------------------------------------ ACKING                  | backoff      pause
 *    |                                                                   v                v
 *    +------------------------------------------------------------- WAITING           PAUSED
 *             the wait is over, a flush, the network is back              (probe, reload) |
 *    +------------------------------------------------------------------------------------+
 *
 * Invariants: nothing is sent before its batch is committed and sealed; nothing is deleted before
 * its ack is committed; a failure of the queue itself (busy, disk full) is waited out, never
 * answered by forgetting. Couriers are independent of each other. With inflight > 1 each exchange
 * has its own state, the sink one. Threads: the loop's.
 */
#ifndef FR_SHIP_COURIER_H
#define FR_SHIP_COURIER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "queue/batch.h"
#include "queue/queue.h"
#include "queue/sinks.h"
#include "sink/sink.h"

struct event_base;
struct fr_courier;

enum fr_courier_state {
	FR_COURIER_IDLE,
	FR_COURIER_CLAIMING,
	FR_COURIER_SENDING,
	FR_COURIER_ACKING,
	FR_COURIER_WAITING,
	FR_COURIER_PAUSED,
};

struct fr_courier_options {
	struct event_base *loop;
	struct fr_queue *queue; /* borrowed; shared by all couriers of the agent */
	const struct fr_env *env;
	const struct fr_sink_settings *settings; /* borrowed until free */
	int64_t sink;                            /* its id in the queue */
	void (*on_progress)(
		void *context); /* after each ack, wait, pause: for flush and drain; may be NULL */
	void *context;
};

/* Loads the retry state from the queue and, if open batches are there, starts with those. */
enum fr_status fr_courier_new(struct fr_courier **out, const struct fr_courier_options *options,
			      struct fr_error *err);

/* Stops at once: what is under way is abandoned and stays frozen in the queue as maybe taken. */
void fr_courier_free(struct fr_courier *courier);

/* Something was recorded: look whether a batch is due, arm the timer for when it will be. */
void fr_courier_wake(struct fr_courier *courier);

/* Send now, whatever the batch's size or age; ends a backoff wait (not a server's Retry-After) and
 * probes a pause. */
void fr_courier_flush(struct fr_courier *courier);

/* Nothing open, nothing waiting that the sink wants: it has nothing to do. Also true for a paused
 * one if asked so. */
bool fr_courier_is_done(const struct fr_courier *courier);

/* After this nothing new is claimed or sent; what is under way may still finish. */
void fr_courier_stop(struct fr_courier *courier);
bool fr_courier_is_busy(const struct fr_courier *courier);

struct fr_courier_facts {
	enum fr_courier_state state;
	const char *state_name; /* "idle", "sending", "waiting", "paused" */
	char kind[32];
	char reason[FR_REASON_TEXT];
	int64_t next_attempt_in_ms; /* -1: none planned */
	int64_t since_us;           /* 0: it is well */
	int64_t last_success_us;
	uint64_t requests, acked_batches, delivered_events, failures, ambiguous;
};
void fr_courier_facts(const struct fr_courier *courier, struct fr_courier_facts *out);
const char *fr_courier_state_name(enum fr_courier_state state);

#endif

/* The courier: carries one sink's events from the queue to the sink, one state machine each.
 *
 *          due                 sealed, sent          answered
 *   IDLE --------> CLAIMING ------------> SENDING --------> ACKING
 *    ^  <--------   ^ ^  |  <------------   ^    <--------  | | |
 *    |   nothing    | |  |   one more fits  |     others    | | |
 *    |   left       | |  |                  |     are out   | | |
 *    |              | |  +--- nothing to ---+-- next batch -+ | |
 *    |              | |       probe with    v       pause     | |
 *    |              | +------- probe ----- PAUSED <-----------+ |
 *    |              +-- it is over, or a flush -- WAITING <-----+
 *    |                                               backoff    |
 *    +------------------- booked, and nothing due --------------+
 *
 * This is the state of the sink. With several batches in flight each of them has its own, too
 * (courier_parts.h): SENDING is the state while any is out, ACKING while any answer is not booked;
 * an answer is booked before a claim that waits for the queue goes on.
 *
 * Invariants: nothing is sent before its batch is committed and sealed; nothing is deleted before
 * its ack is committed; a failure of the queue itself (busy, disk full) is waited out, never
 * answered by forgetting. Couriers are independent of each other. No more than `inflight` batches
 * are out at once, and no more than one while anything is wrong: a wait, a pause, a probe, the
 * first requests after an outage, halves of what was refused, and what a crash left open.
 * Threads: the loop's. Every verb only notes a wish; the work is done in the courier's own turn on
 * the loop, so that nobody who calls one is called back from inside it.
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
struct fr_scrub;
struct fr_transport;

enum fr_courier_state {
	FR_COURIER_IDLE,
	FR_COURIER_CLAIMING, /* or waiting for the queue to let it */
	FR_COURIER_SENDING,
	FR_COURIER_ACKING, /* booking an answer, or waiting for the queue to let it */
	FR_COURIER_WAITING,
	FR_COURIER_PAUSED,
};

struct fr_courier_options {
	struct event_base *loop;
	struct fr_queue *queue; /* borrowed; shared by all couriers of the agent */
	const struct fr_env *env;
	/* What servers say passes through it, line by line, before it is kept or shown:
	 * fr_scrub_line, with its rules, borrowed. NULL: as it is. */
	void (*scrub)(const struct fr_scrub *rules, char *line, size_t size);
	const struct fr_scrub *scrub_rules;
	const struct fr_sink_settings *settings; /* borrowed until free */
	int64_t sink;                            /* its id in the queue */
	void (*on_progress)(void *context);      /* after each ack, wait, pause, and when nothing is
						  * left; must not free the courier; may be NULL */
	void *context;
	struct fr_transport
		*transport; /* taken, also on failure; NULL: the one of the sink's type */
};

/* Loads the retry state from the queue. Starts with open batches, if there are any; a backoff goes
 * on where it was; a pause is probed at once, since whoever starts anew may have mended what caused
 * it. */
enum fr_status fr_courier_new(struct fr_courier **out, const struct fr_courier_options *options,
			      struct fr_error *err);

/* Stops at once: what is under way is abandoned and stays frozen in the queue as maybe taken. */
void fr_courier_free(struct fr_courier *courier);

/* Something was recorded: look whether a batch is due, arm the timer for when it will be. */
void fr_courier_wake(struct fr_courier *courier);

/* Send now, whatever the batch's size or age; ends a backoff wait (not a server's Retry-After) and
 * probes a pause. */
void fr_courier_flush(struct fr_courier *courier);

/* The machine has another network, or woke up: what waited because the sink could not be reached,
 * or for credentials, is tried again within five seconds. Credentials changed: at once. */
void fr_courier_network_changed(struct fr_courier *courier);
void fr_courier_credentials_changed(struct fr_courier *courier);

/* Nothing is under way, and the queue has nothing left that the sink might want. */
bool fr_courier_is_done(const struct fr_courier *courier);

/* After this nothing new is claimed or sent; what is under way may still finish. */
void fr_courier_stop(struct fr_courier *courier);

/* A request is under way, or an answer is not booked yet. */
bool fr_courier_is_busy(const struct fr_courier *courier);

/* Answers by the first digit of their status; requests that got none count as FR_ANSWERS_NONE. */
enum fr_answers {
	FR_ANSWERS_NONE,
	FR_ANSWERS_1XX,
	FR_ANSWERS_2XX,
	FR_ANSWERS_3XX,
	FR_ANSWERS_4XX,
	FR_ANSWERS_5XX,
	FR_ANSWERS_COUNT,
};

struct fr_courier_facts {
	enum fr_courier_state state;
	const char *state_name; /* "idle", "claiming", "sending", "acking", "waiting", "paused" */
	char kind[32]; /* the verdict's word; "queue" when the queue itself is the trouble */
	char reason[FR_REASON_TEXT];
	int64_t next_attempt_in_ms; /* -1: none planned */
	int64_t since_us;           /* 0: it is well */
	int64_t last_success_us;
	uint64_t requests, acked_batches, delivered_events, failures;
	uint64_t ambiguous; /* requests that got no answer and may have been taken */
	uint64_t unread;    /* 2xx whose body broke off or was too long: acked all the same */
	uint64_t answers[FR_ANSWERS_COUNT];
	size_t in_flight; /* requests under way now */
};
void fr_courier_facts(const struct fr_courier *courier, struct fr_courier_facts *out);
const char *fr_courier_state_name(enum fr_courier_state state);

#endif

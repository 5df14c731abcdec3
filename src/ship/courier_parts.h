/* What the files of the courier share: courier.c has the states and the clock, courier_commit.c the
 * two transactions, courier_claim.c readies the next batch, courier_answer.c judges an answer.
 *
 * What is booked and what is remembered change together: a transaction builds what will be in a
 * struct fr_turn, and memory takes it over after the commit.
 */
#ifndef FR_SHIP_COURIER_PARTS_H
#define FR_SHIP_COURIER_PARTS_H

#include <event2/event_struct.h>

#include "ship/courier.h"
#include "ship/retry.h"
#include "ship/transport.h"

#define FR_NEVER INT64_MAX

/* A batch on its way. All zero: none. */
struct fr_parcel {
	struct fr_batch *batch;
	struct fr_request request; /* its body is gone once it is sent */
	int64_t body_bytes;
	bool was_ambiguous; /* an earlier try of these bytes may have been taken */

	/* Once it is answered: */
	enum fr_outcome outcome;
	struct fr_verdict verdict;
	struct fr_answer_details details;
	int status;
	bool body_incomplete;
	char excerpt[FR_EXCERPT_TEXT];
};

struct fr_courier {
	struct fr_courier_options options;
	const struct fr_sink_format *format;
	struct fr_transport *transport;
	struct event turn;
	enum fr_courier_state state;
	int64_t due_boot_us; /* when the state goes on by itself; FR_NEVER: only when it is woken */
	struct fr_retry retry;
	struct fr_parcel parcel;

	/* What waits to be claimed, as far as it is known: hints, never books. */
	int64_t seen_boot_us; /* since when something does; FR_NEVER: nothing */
	size_t waiting;       /* at least so many events */

	bool is_flushing; /* until nothing waits any more */
	bool has_tried;   /* since the flush was asked for: it ends one wait, not the next ones */
	bool is_held;     /* the wait is the server's own wish: a flush does not end it */
	bool is_stopping;
	bool is_closing;
	unsigned
		suspects; /* lone events refused while the sink accepts nothing: is it the setup? */

	unsigned queue_faults; /* in a row */
	char queue_fault[FR_REASON_TEXT];
	bool books_alone; /* booking and claiming together failed: book first */

	uint64_t requests, acked_batches, delivered_events, failures, ambiguous, unread;
	uint64_t answers[FR_ANSWERS_COUNT];
};

/* What a transaction will have changed once it has committed. */
struct fr_turn {
	struct fr_retry retry;
	struct fr_parcel next; /* the batch to send now; none when its batch is NULL */
	bool has_claimed;      /* the cursor was moved, whether or not something was found */
	bool more;             /* rows wait behind it; come back at once */
	unsigned suspects;
	uint64_t delivered;
};

struct fr_moment fr_courier_now(const struct fr_courier *courier);
struct fr_backoff fr_courier_backoff(const struct fr_courier *courier);

/* The only way to another state, which goes on by itself at due_boot_us. */
void fr_courier_move(struct fr_courier *courier, enum fr_courier_state to, int64_t due_boot_us);

/* Takes a turn as soon as the loop gets to it. */
void fr_courier_nudge(struct fr_courier *courier);

/* Tells whoever waits for progress. */
void fr_courier_report(const struct fr_courier *courier);

/* The state stays, and its turn comes again in a while. */
void fr_courier_queue_failed(struct fr_courier *courier, const struct fr_error *err);
void fr_courier_queue_works(struct fr_courier *courier);

/* Is a batch due, with this retry state? Looks into the queue unless what is known suffices. */
enum fr_status fr_courier_look(struct fr_courier *courier, const struct fr_retry *retry,
			       bool *is_due, struct fr_error *err);

/* CLAIMING: one transaction that readies the next batch, and then it is sent. */
void fr_courier_claim(struct fr_courier *courier);

/* ACKING: one transaction that books the answer and readies the next batch. */
void fr_courier_book_answer(struct fr_courier *courier);

/* Inside a transaction: readies the next batch, sealed, as turn->next, which stays empty when there
 * is none. FR_INVALID: the sink's settings make no request. */
enum fr_status fr_courier_fetch(struct fr_courier *courier, struct fr_turn *turn,
				struct fr_error *err);

/* How many events a batch may hold now. */
size_t fr_courier_most_events(const struct fr_courier *courier, const struct fr_retry *retry);

/* A batch as encoders and readers of answers see it. */
struct fr_sink_batch fr_courier_view(const struct fr_batch *batch);

/* Reads the transport's result into the parcel and gives the verdict. */
void fr_courier_judge(struct fr_courier *courier, const struct fr_exchange_result *result);

/* Inside a transaction: does to the queue and to turn->retry what the verdict on the parcel says.
 */
enum fr_status fr_courier_book(struct fr_courier *courier, struct fr_turn *turn,
			       struct fr_error *err);

void fr_parcel_fini(struct fr_parcel *parcel);

#endif

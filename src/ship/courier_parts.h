/* What the files of the courier share: courier.c has the sink's state and the clock,
 * courier_parcel.c the state of each batch under way, courier_commit.c the two transactions,
 * courier_claim.c readies the next batch, courier_answer.c judges an answer, courier_sent.c notes
 * what left, courier_news.c hears what ends a wait early.
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

enum {
	FR_INFLIGHT_MOST = 16,
	FR_BURIALS_MOST = 16, /* in a row: then it may be the setup */
};

/* A batch on its way.
 *
 *         readied             committed, sent         answered              booked
 *   FREE ---------> READY ------------------> OUT -----------> ANSWERED ---------> FREE
 *    ^                |
 *    +----------------+ the transaction was rolled back
 */
enum fr_parcel_state {
	FR_PARCEL_FREE,
	FR_PARCEL_READY,
	FR_PARCEL_OUT,
	FR_PARCEL_ANSWERED,
};

struct fr_parcel {
	struct fr_courier *courier; /* whose it is; also of a free one */
	enum fr_parcel_state state;
	struct fr_batch *batch;
	struct fr_request request; /* its body is gone once it is sent */
	int64_t body_bytes;
	bool was_ambiguous; /* an earlier try of these bytes may have been taken */
	uint64_t troubles;  /* the courier's when it was sent */
	bool has_news;      /* the network has changed since it was sent */

	/* Once it is answered: */
	enum fr_outcome outcome;
	struct fr_verdict verdict;
	struct fr_answer_details details;
	int status;
	bool body_incomplete;
	char excerpt[FR_EXCERPT_TEXT];

	uint64_t delivered; /* events, once it is booked */
};

struct fr_courier {
	struct fr_courier_options options;
	const struct fr_sink_format *format;
	struct fr_transport *transport;
	struct event turn;
	enum fr_courier_state state;
	int64_t due_boot_us; /* when the state goes on by itself; FR_NEVER: only when it is woken */

	/* Twice as many as may be under way: the next ones are readied in the transaction that
	 * books the answers of the former. */
	struct fr_parcel *parcels;
	size_t parcel_count;
	size_t inflight;

	struct fr_retry retry;
	uint64_t troubles; /* waits, pauses and burials so far: what was sent before one of them
			    * says nothing new about the sink when it comes back after it */
	unsigned
		suspects; /* lone events refused while the sink accepts nothing: is it the setup? */
	unsigned burials; /* lone events buried since the last ack */
	unsigned full_acks; /* acks of bodies near the learned limit since it was set */

	/* What waits to be claimed, as far as it is known: hints, never books. */
	int64_t seen_boot_us; /* since when something does; FR_NEVER: nothing */
	size_t waiting;       /* at least so many events */
	bool has_leftovers;   /* there may be open batches beside those under way */
	bool is_flushing;     /* until nothing waits any more */

	bool has_tried; /* since the flush was asked for: it ends one wait, not the next ones */
	bool is_stopping;
	bool is_closing;

	unsigned queue_faults; /* in a row */
	char queue_fault[FR_REASON_TEXT];
	bool is_careful; /* the queue failed: one answer at a time, or one claim */

	uint64_t requests, acked_batches, delivered_events, failures, ambiguous, unread;
	uint64_t answers[FR_ANSWERS_COUNT];
};

/* What a transaction will have changed once it has committed. */
struct fr_turn {
	struct fr_retry retry;
	uint64_t troubles;
	unsigned suspects;
	unsigned burials;
	unsigned full_acks;
	int64_t seen_boot_us;
	size_t waiting;
	bool has_leftovers;
	bool is_flushing;

	bool more; /* rows wait behind the last claim; come back at once */
	struct fr_parcel *booked[FR_INFLIGHT_MOST];
	size_t booked_count;
};

/* ---- courier.c ---- */

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

/* ---- courier_parcel.c ---- */

enum fr_status fr_parcels_open(struct fr_courier *courier, struct fr_error *err);
void fr_parcels_close(struct fr_courier *courier);

size_t fr_parcels_in(const struct fr_courier *courier, enum fr_parcel_state state);

/* The first one in this state; NULL when there is none. */
struct fr_parcel *fr_parcel_find(const struct fr_courier *courier, enum fr_parcel_state state);

/* The only way to another state; to FREE it gives up what it holds. */
void fr_parcel_move(struct fr_parcel *parcel, enum fr_parcel_state to);

/* Hands all that is READY to the transport. */
void fr_parcels_send(struct fr_courier *courier);

/* ---- courier_commit.c: the two transactions ---- */

struct fr_turn fr_turn_begin(const struct fr_courier *courier);

/* What the transaction made true, memory now says too. */
void fr_turn_take_over(struct fr_courier *courier, const struct fr_turn *turn);

/* CLAIMING: readies what is due, and then it is sent. */
void fr_courier_claim(struct fr_courier *courier);

/* ACKING: books the answers that have come and readies what is due. */
void fr_courier_book_answers(struct fr_courier *courier);

/* ---- courier_claim.c ---- */

/* May one more batch be under way? One always, several only while all is well. */
bool fr_courier_may_add(const struct fr_courier *courier, const struct fr_turn *turn);

/* Is a batch due? Looks into the queue unless what is known suffices. */
enum fr_status fr_courier_look(const struct fr_courier *courier, struct fr_turn *turn, bool *is_due,
			       struct fr_error *err);

/* When to look again: when what waits will have waited long enough; FR_NEVER: nothing does. */
int64_t fr_courier_next_look(const struct fr_courier *courier);

/* Inside a transaction: readies as many batches as are due and may go, sealed. FR_INVALID: the
 * sink's settings make no request. */
enum fr_status fr_courier_fetch(struct fr_courier *courier, struct fr_turn *turn,
				struct fr_error *err);

/* The same for the first one, which goes whether or not it is due. */
enum fr_status fr_courier_fetch_first(struct fr_courier *courier, struct fr_turn *turn,
				      struct fr_error *err);

/* ---- courier_answer.c ---- */

/* A batch as encoders and readers of answers see it. */
struct fr_sink_batch fr_courier_view(const struct fr_batch *batch);

/* Reads the transport's result into the parcel and gives the verdict. */
void fr_parcel_judge(struct fr_parcel *parcel, const struct fr_exchange_result *result);

/* Inside a transaction: does to the queue and to turn->retry what the verdict on the parcel says.
 */
enum fr_status fr_parcel_book(struct fr_parcel *parcel, struct fr_turn *turn, struct fr_error *err);

/* ---- courier_news.c ---- */

/* Its failure is booked, and may be of a network that is another one by now: the wait is short. */
void fr_parcel_heed_news(const struct fr_parcel *parcel, struct fr_turn *turn);

/* ---- courier_sent.c ---- */

/* Its answer was booked for good: notes what left. Inside that transaction. */
enum fr_status fr_parcel_note_sent(const struct fr_parcel *parcel, struct fr_error *err);

#endif

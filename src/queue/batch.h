/* A batch: a frozen list of events for one sink.
 *
 * Life of a batch: claimed and sealed in one transaction, before it is first sent; then, after its
 * answer, acked, released for a resend, split, renewed, or turned into dead letters.
 *
 * Invariant 4: while its answer is outstanding or ambiguous (maybe_taken), id, members and body are
 * fixed; loading it again after a crash gives the same events in the same order, and encoder,
 * claimed_us and digest tell whether the same bytes came out.
 *
 * Every function here that takes a queue wants to be inside fr_queue_begin ... fr_queue_commit,
 * except fr_batch_load and fr_batch_open_ids.
 */
#ifndef FR_QUEUE_BATCH_H
#define FR_QUEUE_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/checksum.h"
#include "event/event.h"
#include "event/uuid.h"
#include "queue/queue.h"

struct fr_batch {
	int64_t row;
	char uuid[FR_UUID_TEXT];
	int64_t sink;
	bool of_dead;       /* its members are dead letters being retried */
	int64_t claimed_us; /* wall clock at the claim: the encoder's "now" */
	unsigned encoder;   /* version of the encoder that made the body; 0 until sealed */
	char digest[FR_CHECKSUM_HEX]; /* of the uncompressed body; "" until sealed */
	bool maybe_taken;
	struct fr_event *events; /* in order; their strings belong to the batch */
	size_t count;
	size_t missing; /* members whose rows are gone: it must be renewed */
	size_t weight;  /* how many of `events` count in the books: all, but for dead letters of
			  which only some were refused when they were first sent */
	size_t missing_weight; /* the same of what is missing */
};

void fr_batch_free(struct fr_batch *batch);

/* What one sink wants; the predicate answers for names and routes, the rest is decided in SQL. */
struct fr_claim {
	int64_t sink;
	size_t max_events;
	int64_t max_bytes; /* of fr_event_weight, at least one event goes */
	bool internal;     /* the sink's audience is internal */
	enum fr_severity min_severity;
	bool (*wants)(void *context, const char *name, const char *route);
	void *context;
};

/* Looks at the next events behind the sink's cursor, books what the sink does not want as unwanted,
 * moves the cursor and freezes a batch; dead letters that are asked for go first, in batches of
 * their own. FR_NONE when nothing wanted is there (the cursor still moved). At most FR_CLAIM_SCAN
 * rows are looked at; *more then says that there is more to look at. FR_FULL when there is no room
 * for the ack of another batch. */
enum { FR_CLAIM_SCAN = 2000 };
enum fr_status fr_batch_claim(struct fr_queue *queue, const struct fr_claim *claim,
			      struct fr_batch **out, bool *more, struct fr_error *err);

/* Notes the body that is about to be sent and that from now on it may have been taken. FR_NONE when
 * the batch is not open any more: then it must not be sent. */
enum fr_status fr_batch_seal(struct fr_queue *queue, struct fr_batch *batch, unsigned encoder,
			     const char digest[FR_CHECKSUM_HEX], struct fr_error *err);

/* The open batches of a sink: those that may have been taken first, then by age. *count is how many
 * there are in all. */
enum fr_status fr_batch_open_ids(struct fr_queue *queue, int64_t sink, int64_t *rows, size_t limit,
				 size_t *count, struct fr_error *err);

/* Reads one open batch with its events. FR_NONE when it is not open any more. */
enum fr_status fr_batch_load(struct fr_queue *queue, int64_t row, struct fr_batch **out,
			     struct fr_error *err);

/* How a member of an acknowledged batch fared when not all were accepted. */
struct fr_refusal {
	size_t index;       /* into batch->events */
	const char *reason; /* a word or two for people */
	int status;         /* HTTP status, 0 where none */
	const char *answer; /* at most the first 512 bytes, already scrubbed */
};

/* Finishes a batch after 2xx: books delivered and dead, writes dead letters for the refused
 * members, history, sweeps events that every sink has finished with. Refusals are in order of
 * index. */
enum fr_status fr_batch_ack(struct fr_queue *queue, const struct fr_batch *batch,
			    const struct fr_refusal *refusals, size_t refused,
			    struct fr_error *err);

/* When one transaction acks several batches, their events should not be more than so many bytes:
 * what is deleted goes through the log, too. */
int64_t fr_batch_ack_bytes(const struct fr_queue *queue);

/* Finishes a batch after a 2xx that says that `lost` of its events were refused and not which: so
 * many are booked as dead, the others as delivered, and all of them are kept as dead letters that
 * belong together. A retry of those moves no more than was lost. */
enum fr_status fr_batch_ack_part(struct fr_queue *queue, const struct fr_batch *batch, size_t lost,
				 const struct fr_refusal *why, struct fr_error *err);

/* The answer was a definite refusal: the batch was not taken. */
enum fr_status fr_batch_refused(struct fr_queue *queue, const struct fr_batch *batch,
				struct fr_error *err);

/* Replaces a definitely refused batch by two halves with new ids, in order; a batch of one is
 * FR_INVALID. */
enum fr_status fr_batch_split(struct fr_queue *queue, const struct fr_batch *batch,
			      struct fr_error *err);

/* Dissolves a batch that may no longer be sent as it is (consent, allowlist, age window, missing
 * rows): those members the claim still wants become a new batch with a new id, the others are
 * booked as unwanted or dropped. FR_NONE when nothing was left. */
enum fr_status fr_batch_renew(struct fr_queue *queue, const struct fr_batch *batch,
			      const struct fr_claim *claim, struct fr_error *err);

/* All events of the batch become one dead letter each (for a batch of one, the usual case). */
enum fr_status fr_batch_bury(struct fr_queue *queue, const struct fr_batch *batch,
			     const struct fr_refusal *why, struct fr_error *err);

#endif

/* The record of what left this machine: one row for each request that its sink answered for good,
 * accepted or refused, written in the transaction that books the answer.
 *
 * Counts, names and times; the bodies only where the config asks for them. It is bounded by rows
 * and bytes, is given up before any event is, and goes with a purge and with consent off.
 */
#ifndef FR_QUEUE_SENT_H
#define FR_QUEUE_SENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/batch.h"
#include "queue/queue.h"

enum {
	FR_SENT_ROWS = 1000,
	FR_SENT_SHARE = 16, /* of max_bytes: what all rows may take */
};

struct fr_sent_note {
	const struct fr_batch *batch;
	const size_t *left_out; /* members that were not in the request: ascending indexes */
	size_t left_out_count;
	uint64_t accepted;
	int status;         /* HTTP status, 0 where none */
	int64_t body_bytes; /* before compression */
	const char *body;   /* NULL: not kept */
};

/* Should a body of so many bytes be kept? Then it is worth having it at hand. */
bool fr_sent_wants_body(const struct fr_queue *queue, int64_t bytes);

/* Inside the transaction that finishes the batch, behind it. */
enum fr_status fr_sent_add(struct fr_queue *queue, const struct fr_sent_note *note,
			   struct fr_error *err);

/* Makes the file hold no more than the config says. Outside a transaction. */
enum fr_status fr_sent_suit(struct fr_queue *queue, struct fr_error *err);

#endif

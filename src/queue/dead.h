/* Dead letters: what a sink refused for good, kept with the reason until somebody decides.
 *
 * A letter is one event, or a bundle: all events of a request whose answer said that so many of
 * them were refused and not which. A bundle is asked for and dropped as a whole.
 *
 *          ask             claim              2xx
 *   kept ------> asked for ------> in a batch ------> delivered: gone
 *    ^  <------------|                 |
 *    |   the sink may not be sent it   |
 *    +------- refused again -----------+
 *
 * Invariants: a letter counts as dead until it is in a batch, then as queued; it stays a row until
 * it is delivered or dropped, and each way out is booked in the same transaction. What was asked
 * for is sent only as far as the sink's list and the owner's consent allow on that day.
 */
#ifndef FR_QUEUE_DEAD_H
#define FR_QUEUE_DEAD_H

#include <stddef.h>
#include <stdint.h>

#include "queue/queue.h"

/* What became of the letters that were named; those of `events` that count, `lost`. */
struct fr_dead_tally {
	size_t letters; /* done */
	int64_t events; /* in them */
	int64_t lost;   /* how many of those count as dead */
	size_t gone;    /* no such letter (any more) */
	size_t busy;    /* on its way out again: its answer decides */
	size_t ended;   /* its sink was removed: there is nobody to send it to */
};

/* Asks for letters, by their ids, to be sent again when it is their sink's turn; a bundle by any of
 * its ids. In transactions of a bounded size: after a failure the tally tells how far it came. */
enum fr_status fr_dead_ask(struct fr_queue *queue, const int64_t *letters, size_t count,
			   struct fr_dead_tally *tally, struct fr_error *err);

/* Deletes letters, booked as dropped{purged}. In transactions of a bounded size. */
enum fr_status fr_dead_purge(struct fr_queue *queue, const int64_t *letters, size_t count,
			     struct fr_dead_tally *tally, struct fr_error *err);

#endif

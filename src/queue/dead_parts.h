/* What claim, ack and upkeep want of the dead letters. Internal to queue/; inside a transaction,
 * where it does not say otherwise. */
#ifndef FR_QUEUE_DEAD_PARTS_H
#define FR_QUEUE_DEAD_PARTS_H

#include "queue/batch.h"
#include "queue/db.h"

/* They have an eighth of max_bytes: drops the oldest until the others fit, booked as dropped{full}
 * instead of dead; those that are on their way out again stay. */
enum fr_status fr_dead_trim(struct fr_queue *queue, struct fr_error *err);

/* Drops letters that died before limit_us, booked as dropped{age}, in transactions of its own: the
 * oldest so many. *more: there may be others. */
enum fr_status fr_dead_drop_old(struct fr_queue *queue, int64_t limit_us, bool *more,
				struct fr_error *err);

/* The next letters of the claim's sink that are asked for: events that it wants, no more than go
 * into one batch, of one bundle or of none. `last` is the last one looked at. FR_NONE: nothing is
 * asked for. */
struct fr_retry_harvest {
	struct fr_event *events;
	size_t count;
	int64_t bytes;
	int64_t last;
	size_t unwanted;
};
enum fr_status fr_retry_harvest(struct fr_queue *queue, const struct fr_claim *claim,
				struct fr_retry_harvest *out, struct fr_error *err);

/* Freezes the next letters that are asked for. FR_NONE: nothing is, or the sink wants none of it
 * any more, and then it is not asked for any longer. */
enum fr_status fr_dead_claim(struct fr_queue *queue, const struct fr_claim *claim,
			     struct fr_batch **out, struct fr_error *err);

#endif

/* The members of a batch as the file keeps them: a JSON array of ids. Internal to queue/. */
#ifndef FR_QUEUE_MEMBERS_H
#define FR_QUEUE_MEMBERS_H

#include "queue/batch.h"
#include "queue/db.h"

/* Freezes these events as a new batch with a new id; *row gets its row. Inside a transaction. */
struct fr_member_range {
	const struct fr_event *events;
	size_t count;
};
enum fr_status fr_members_freeze(struct fr_queue *queue, int64_t sink, bool of_dead,
				 struct fr_member_range members, struct fr_batch *batch,
				 struct fr_error *err);

/* Takes the row of an open batch away. FR_NONE when it is not open any more: purged, or the file it
 * was claimed from is not this one. */
enum fr_status fr_members_thaw(struct fr_queue *queue, const struct fr_batch *batch,
			       struct fr_error *err);

/* Does this claim want the event? The gate of the claim, in C: for members that are already frozen.
 */
bool fr_claim_wants(const struct fr_claim *claim, const struct fr_event *event);

/* What a claim would freeze now, its id included, without writing anything. FR_NONE when nothing is
 * wanted. */
enum fr_status fr_claim_peek(struct fr_queue *queue, const struct fr_claim *claim,
			     struct fr_batch **out, struct fr_error *err);

#endif

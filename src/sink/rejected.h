/* How the events of a batch fared, as a first-party answer says it. Internal to sink/.
 *
 * The answer comes from outside: up to 2 MiB of anything. Reading it takes n log n time and memory
 * in proportion to the batch, not to the answer; ids that are not in the batch are passed over.
 */
#ifndef FR_SINK_REJECTED_H
#define FR_SINK_REJECTED_H

#include "sink/sink.h"

struct fr_rejected {
	uint64_t duplicates;                /* as the answer counts them */
	struct fr_rejected_member *members; /* the batch's events, by id */
	size_t count;
	struct fr_answer_refusal *refusals; /* ascending by index */
	size_t refused;
};

/* Fills it in; FR_INVALID when the text is not one whole JSON object of this kind. fini in any
 * case. */
enum fr_status fr_rejected_read(struct fr_rejected *rejected, const struct fr_sink_batch *batch,
				const char *text, size_t length);
void fr_rejected_fini(struct fr_rejected *rejected);

/* Moves the refusals over. */
void fr_rejected_take(struct fr_rejected *rejected, struct fr_answer_details *details);

#endif

/* How events leave the file: because every sink is through with them, by a limit, by age. Internal
 * to queue/.
 *
 * Each function here deletes a bounded number of rows and books them in the same transaction.
 */
#ifndef FR_QUEUE_SWEEP_H
#define FR_QUEUE_SWEEP_H

#include "queue/db.h"

enum { FR_SWEEP_ROWS = 1000 };

/* How far every live sink is through: what was recorded under `on` up to there has left, although
 * its row may still stand there. 0 without sinks. */
enum fr_status fr_sweep_low(struct fr_queue *queue, int64_t *low, struct fr_error *err);

/* The last row behind `after` and up to `last` of a step that stays small: at most FR_SWEEP_ROWS
 * rows and about as many bytes as a transaction may write. *end is 0 when there is none.
 */
enum fr_status fr_sweep_find_end(struct fr_queue *queue, int64_t after, int64_t last, int64_t *end,
				 struct fr_error *err);

/* Deletes a step of what every live sink has finished with. Inside a transaction. *more: there was
 * more than that. */
enum fr_status fr_sweep_finished(struct fr_queue *queue, bool *more, struct fr_error *err);

/* The same, once it is due: nothing is queued behind it, or what waits to be deleted has come to an
 * eighth of max_bytes. For whoever has just finished with events of about so many bytes; upkeep
 * sweeps the rest as soon as the agent is idle. */
enum fr_status fr_sweep_if_due(struct fr_queue *queue, int64_t bytes, struct fr_error *err);

/* Deletes what is finished, else gives up the oldest of what is kept of what was sent, else the
 * oldest events of the lowest severity, in a transaction of its own; 0 evicted: nothing may go. */
enum fr_status fr_sweep_evict(struct fr_queue *queue, int64_t rows, int64_t *evicted,
			      struct fr_error *err);

/* Drops events recorded before limit_us, in a transaction of its own. */
enum fr_status fr_sweep_old(struct fr_queue *queue, int64_t limit_us, bool *more,
			    struct fr_error *err);

#endif

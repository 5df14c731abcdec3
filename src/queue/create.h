/* Making a queue file and bringing an older one up to date. Internal to queue/; under the lock
 * file. */
#ifndef FR_QUEUE_CREATE_H
#define FR_QUEUE_CREATE_H

#include "queue/db.h"

/* What a new file begins with: called once, inside the transaction that makes it true. */
struct fr_queue_filling {
	enum fr_status (*fill)(struct fr_queue *maker, void *context, struct fr_error *err);
	void *context;
};

/* Makes queue->path, whole, migrated and filled (NULL: empty), mode 0600: after a crash there is
 * either no file or a complete one. There is no such file when it is called. */
enum fr_status fr_queue_create(struct fr_queue *queue, const struct fr_queue_filling *filling,
			       struct fr_error *err);

/* Runs every migration on an empty database. */
enum fr_status fr_queue_build_schema(struct fr_queue *queue, struct fr_error *err);

/* Checks whose file this is and whether we may write it, and runs the migrations it has not seen.
 * FR_INVALID: not ours; FR_TOO_NEW: its min_writer is above us. Connected already. */
enum fr_status fr_queue_migrate(struct fr_queue *queue, struct fr_error *err);

#endif

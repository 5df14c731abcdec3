/* Making a queue file and bringing an older one up to date. Internal to queue/; under the lock
 * file. */
#ifndef FR_QUEUE_CREATE_H
#define FR_QUEUE_CREATE_H

#include "queue/db.h"

/* Makes queue->path, whole and migrated, mode 0600: after a crash there is either no file or a
 * complete one. There is no such file when it is called. last_id: ids begin behind it (0 for a new
 * queue). */
enum fr_status fr_queue_create(struct fr_queue *queue, int64_t last_id, struct fr_error *err);

/* Checks whose file this is and whether we may write it, and runs the migrations it has not seen.
 * FR_INVALID: not ours; FR_TOO_NEW: its min_writer is above us. Connected already. */
enum fr_status fr_queue_migrate(struct fr_queue *queue, struct fr_error *err);

#endif

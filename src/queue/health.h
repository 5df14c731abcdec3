/* Is a queue file what it should be, after something in it was not? Internal to queue/. */
#ifndef FR_QUEUE_HEALTH_H
#define FR_QUEUE_HEALTH_H

#include "queue/db.h"

/* Reads the whole file. FR_OK: it is sound; FR_CORRUPT: it is damaged; anything else says nothing
 * about it. Under the lock file, outside a transaction. */
enum fr_status fr_health_check(struct fr_queue *queue, struct fr_error *err);

#endif

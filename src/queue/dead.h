/* Dead letters are kept, but not without end: they have an eighth of max_bytes. Internal to queue/.
 */
#ifndef FR_QUEUE_DEAD_H
#define FR_QUEUE_DEAD_H

#include "queue/db.h"

/* Drops the oldest dead letters until the others fit, booked as dropped{full} instead of dead;
 * those that are on their way out again stay. Inside a transaction. */
enum fr_status fr_dead_trim(struct fr_queue *queue, struct fr_error *err);

#endif

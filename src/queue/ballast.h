/* The ballast: a file whose only use is to be given up when the disk is full. Internal to queue/.
 *
 * Deleting rows needs space too: an ack writes to the WAL before anything shrinks. On a full disk
 * the agent could deliver for ever and never finish. So it keeps a megabyte back, lets go of it
 * when SQLite says that the disk is full, and takes it again when there is room to spare. Only the
 * agent has one.
 */
#ifndef FR_QUEUE_BALLAST_H
#define FR_QUEUE_BALLAST_H

#include "queue/db.h"

enum { FR_BALLAST_BYTES = 1024 * 1024 };

/* Makes the file, unless it is there or the disk has less than four times its size left. A failure
 * is no fault: it is tried again at the next upkeep. */
void fr_ballast_take(struct fr_queue *queue);

/* Gives it up; false when there is none. */
bool fr_ballast_drop(struct fr_queue *queue);

#endif

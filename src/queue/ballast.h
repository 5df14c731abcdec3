/* The ballast: a file whose only use is to be given up when the disk is full. Internal to queue/.
 *
 * Deleting rows needs space too: an ack writes to the WAL before anything shrinks, and to shorten
 * the WAL the database must first take its new pages. On a full disk the agent could deliver for
 * ever and never finish. So it keeps back as much as both need: the pages of a WAL of the length at
 * which it is shortened, and the acks until then. It lets go of it when SQLite says that the disk
 * is full, shortens the WAL with it, which frees more than it took, and takes the ballast again
 * when there is room to spare. Only the agent has one.
 */
#ifndef FR_QUEUE_BALLAST_H
#define FR_QUEUE_BALLAST_H

#include "queue/db.h"

/* Makes the file, unless it is there or the disk has less than four times its size left. A failure
 * is no fault: it is tried again at the next upkeep. */
void fr_ballast_take(struct fr_queue *queue);

/* Gives it up; false when there is none. */
bool fr_ballast_drop(const struct fr_queue *queue);

#endif

/* A damaged queue is moved aside, what can be read of it is carried over, and a new one takes its
 * place. Internal to queue/; under the lock file, without a connection.
 *
 *   queue.db.moving       marker, fsynced: a salvage has begun; whoever finds it goes on with it
 *   queue.db.damaged-T    the damaged file; -wal and -shm beside it move with it, db first
 *   queue.db.new          the new one, until it is whole; then it is linked to queue.db
 *
 * What an opener that finds the marker can tell from the names, whenever the crash was:
 *   queue.db, no damaged-T    nothing was moved yet
 *   damaged-T, no queue.db    moved, its -wal and -shm maybe not yet; no new one yet
 *   both                      the new one took over, only the marker was left
 * Without the marker a crash between the renames would leave a -wal with acknowledged commits
 * beside no file, and the next opener would delete it; or a new queue would begin without them.
 */
#ifndef FR_QUEUE_SALVAGE_H
#define FR_QUEUE_SALVAGE_H

#include "queue/db.h"

/* Is there a salvage that a crash cut short? */
bool fr_salvage_is_pending(const struct fr_queue *queue);

/* Moves the file aside (or goes on with a move that a crash cut short) and makes a new one of what
 * can be read; queue->incident says what was lost. Keeps the two newest damaged copies. Does not
 * connect. */
enum fr_status fr_salvage(struct fr_queue *queue, struct fr_error *err);

/* Deletes damaged copies beyond the newest `keep`; returns how many files went. */
unsigned fr_salvage_trim(const char *home, unsigned keep);

/* Deletes damaged copies that were moved aside before that: what they hold has long left. */
void fr_salvage_drop_old(const char *home, int64_t before_us);

#endif

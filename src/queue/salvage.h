/* A damaged queue is moved aside, what can be read of it is carried over, and a new one takes its
 * place. Internal to queue/; under the lock file, without a connection.
 *
 *   queue.db.moving       marker, fsynced: a move has begun; whoever finds it finishes it first
 *   queue.db.damaged-T    the damaged file; -wal and -shm beside it move with it, db first
 *
 * Without the marker a crash between the renames would leave a stale -wal with acknowledged commits
 * beside no file, and the next opener would delete it.
 */
#ifndef FR_QUEUE_SALVAGE_H
#define FR_QUEUE_SALVAGE_H

#include "queue/db.h"

/* Finishes a move that a crash cut short. */
enum fr_status fr_salvage_finish_move(struct fr_queue *queue, struct fr_error *err);

/* Moves the file aside, makes a new one and carries over what can be read; connects to it.
 * queue->incident says what was lost. Keeps the two newest damaged copies. */
enum fr_status fr_salvage(struct fr_queue *queue, struct fr_error *err);

/* Deletes damaged copies beyond the newest `keep`; returns how many files went. */
unsigned fr_salvage_trim(const char *home, unsigned keep);

#endif

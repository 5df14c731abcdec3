/* The hard limit: db + wal + shm stay under max_bytes. Internal to queue/; under the lock file.
 *
 * max_bytes is divided like this:
 *
 *   |<---------- pages of the database ---------->|<-- WAL share -->|<- shm ->|<- reserve ->|
 *
 * The WAL's share is a quarter, at most 16 MiB; the reserve is an eighth, at most 2 MiB, and only
 * the agent may use it, so that an ack always finds room. A page that is only in the WAL counts as
 * a page of the database too, since a checkpoint will put it there.
 */
#ifndef FR_QUEUE_ROOM_H
#define FR_QUEUE_ROOM_H

#include "queue/db.h"

/* Makes room for a transaction that adds `bytes` of event text: checkpoints, then gives up the
 * oldest events of the lowest severity, in steps of at most 200, each booked. FR_FULL when nothing
 * may go. Outside a transaction. */
enum fr_status fr_room_make(struct fr_queue *queue, int64_t bytes, struct fr_error *err);

/* Is there room for one more batch whose ack deletes `bytes` of event text? Never evicts. */
enum fr_status fr_room_for_batch(struct fr_queue *queue, int64_t bytes, struct fr_error *err);

/* Is there room for a few numbers? Shortens the log where that is needed, never evicts. */
enum fr_status fr_room_for_note(struct fr_queue *queue, struct fr_error *err);

/* Is there so much room for these bytes that nothing has to be looked at or given up? */
bool fr_room_is_ample(struct fr_queue *queue, int64_t bytes);

/* A batch's bytes may not be more than this, or its ack would not fit into the reserve. */
int64_t fr_room_most_batch_bytes(const struct fr_queue *queue);

/* One transaction deletes about so many bytes of event text at most, since what it deletes goes
 * through the WAL, too: as much as the ack of the largest batch. */
int64_t fr_room_step_bytes(const struct fr_queue *queue);

/* Copies the WAL into the file without waiting for anybody; truncate also shortens it to nothing.
 * FR_BUSY when a reader is in the way, which is no fault. Outside a transaction, under the lock
 * file. */
enum fr_status fr_room_checkpoint(struct fr_queue *queue, bool truncate, struct fr_error *err);

int64_t fr_room_wal_bytes(struct fr_queue *queue);

/* What the pages of the database may take of a limit. */
int64_t fr_room_database_bytes(int64_t max_bytes);

/* Tries to shorten a WAL that has used half of its share. A reader in the way is no fault here: who
 * needs the room finds out. Outside a transaction. */
void fr_room_keep_log_short(struct fr_queue *queue);

#endif

/* The queue: one SQLite file in WAL mode that many programs append to and one agent empties.
 *
 * Invariants (numbers as in the README's promises):
 *   1  fr_queue_append returned FR_OK: the row is committed, and on stable storage with FR_POWER.
 *   2  a row leaves only when every live sink has finished with it, or by a stated limit or an
 *      opt-out; each way out is booked in the ledger in the same transaction.
 *   5  ids are never reused: the newest row is never deleted, only emptied.
 *   7  db + wal + shm stay under max_bytes.
 * Locks: the lock file first, then SQLite; every writer and every checkpoint holds it (lock.h).
 * Threads: one connection belongs to one thread at a time; the caller serialises. Fork: in a child,
 * fr_queue_abandon the parent's connection and open a new one.
 */
#ifndef FR_QUEUE_QUEUE_H
#define FR_QUEUE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/file.h"
#include "base/status.h"
#include "event/draft.h"
#include "event/uuid.h"

struct fr_queue;

enum fr_durability {
	FR_POWER = 0,   /* synchronous=FULL: a commit survives a power cut */
	FR_PROCESS = 1, /* synchronous=NORMAL: a commit survives the death of every process */
};

/* How much is kept of what was sent: see sent.h. */
enum fr_keep_sent {
	FR_KEEP_NOTHING,
	FR_KEEP_COUNTS,
	FR_KEEP_BODIES,
};

struct fr_queue_options {
	const char *home;         /* borrowed for the call; exists already */
	const struct fr_env *env; /* borrowed for the life of the queue */
	enum fr_durability durability;
	int64_t max_bytes; /* hard bound on db + wal + shm; at least FR_QUEUE_MIN_BYTES */
	unsigned busy_ms; /* how long a call may wait for the lock file and SQLite's own together */
	bool may_create;  /* false: FR_NONE when there is no queue yet */
	bool exclusive_agent; /* the agent: keeps the ballast, salvages, may use the reserve */
	enum fr_keep_sent keep_sent;
};

enum { FR_QUEUE_MIN_BYTES = 1024 * 1024 };
#define FR_QUEUE_BYTES_DEFAULT (INT64_C(64) * 1024 * 1024)

/* Opens or creates the queue: file 0600 by link(), WAL, migrations, the checks of storage.md. A
 * damaged file is moved aside, salvaged and replaced; fr_queue_incident tells. FR_TOO_NEW when the
 * file says that this version may no longer write it; FR_INVALID when the file is not a queue of
 * ours. */
enum fr_status fr_queue_open(struct fr_queue **out, const struct fr_queue_options *options,
			     struct fr_error *err);

/* Never checkpoints, never deletes the WAL; bounded and quick. */
void fr_queue_close(struct fr_queue *queue);

/* How long each later call may wait for others, instead of the options' busy_ms. */
void fr_queue_set_busy(struct fr_queue *queue, unsigned busy_ms);

/* In a fork child: forgets the parent's connection without touching it (leaks it on purpose). */
void fr_queue_abandon(struct fr_queue *queue);

/* ---- recording ---- */

/* One run of a host program. Filled by the recorder; row and next_seq are kept by fr_queue_append.
 */
struct fr_session {
	char uuid[FR_UUID_TEXT];
	const char *service;
	const char *version;
	unsigned user_bucket;
	bool ci;
	int64_t row;      /* 0: not in the file yet */
	int64_t next_seq; /* raised only by commits */
};

/* One event to append. The draft is finished; uuid and time are set by the recorder. */
struct fr_append {
	const char *uuid;
	const struct fr_draft *draft;
	int64_t time_us;
	bool sendable; /* consent was `on` */
	bool internal;
	const char *route; /* the catalogue's sinks as a JSON array; NULL: none said */
};

/* Commits one event. FR_OK, FR_UNCERTAIN (it is there, the flush failed), FR_BUSY (lock), FR_FULL,
 * FR_IO, FR_CORRUPT; FR_NONE when the queue was moved away or deleted under us: close, read
 * consent, reopen. */
enum fr_status fr_queue_append(struct fr_queue *queue, struct fr_session *session,
			       const struct fr_append *append, int64_t *id, struct fr_error *err);

/* Many events in one transaction (NDJSON import): all or nothing. */
enum fr_status fr_queue_append_all(struct fr_queue *queue, struct fr_session *session,
				   const struct fr_append *appends, unsigned count,
				   struct fr_error *err);

/* Is every event up to id finished at every live sink that is neither paused nor without interest?
 */
enum fr_status fr_queue_is_finished(struct fr_queue *queue, int64_t id, bool *finished,
				    struct fr_error *err);

/* How many events of a name a rule refused before they got an id, or took something out of. */
struct fr_refused {
	const char *reason;
	const char *name;
	uint64_t events;
};

/* Adds them to the books of privacy, all or none. */
enum fr_status fr_queue_count_refused(struct fr_queue *queue, const struct fr_refused *refused,
				      unsigned count, struct fr_error *err);

/* ---- transactions of the agent ---- */

/* Takes the lock file and BEGIN IMMEDIATE. Everything in batch.h and sinks.h that says "inside a
 * transaction" goes between begin and commit, so that the ack of one batch and the claim of the
 * next share one sync. Always FULL. */
enum fr_status fr_queue_begin(struct fr_queue *queue, struct fr_error *err);

/* After FR_OK all of it is on stable storage, before it none of it. On failure it is rolled back.
 */
enum fr_status fr_queue_commit(struct fr_queue *queue, struct fr_error *err);

/* Undoes it and gives the lock back; harmless without a transaction. */
void fr_queue_rollback(struct fr_queue *queue);

/* ---- upkeep ---- */

/* One bounded step of upkeep: checkpoint above 1000 frames (truncate when `idle`), sweep what left,
 * drop what is over max_age (0: never), shorten history, give pages back. *more: call again soon.
 */
struct fr_upkeep {
	bool idle;
	int64_t max_age_ms;
	bool more;   /* out */
	bool ageing; /* out: there are rows that max_age may drop some day; look again in an hour */
};
enum fr_status fr_queue_upkeep(struct fr_queue *queue, struct fr_upkeep *upkeep,
			       struct fr_error *err);

/* Deletes everything recorded, booked as dropped{purged}, open batches too; counts in *events. */
enum fr_status fr_queue_purge(struct fr_queue *queue, int64_t *events, struct fr_error *err);

/* Moves the file aside as a damaged one, whatever a check of it says, carries over what can be read
 * and books what does not add up as dropped{damaged}. fr_queue_incident tells what came of it. */
enum fr_status fr_queue_repair(struct fr_queue *queue, struct fr_error *err);

/* Unlinks the whole set (never queue.lock), damaged copies included, under the lock: consent off.
 * *files counts what was deleted. Works on a home without a queue and on a damaged one. */
enum fr_status fr_queue_unlink(const char *home, const struct fr_env *env, unsigned busy_ms,
			       unsigned *files, struct fr_error *err);

/* What befell the file while it was being opened: "" or a sentence ("damaged, moved to ..., 812
 * events salvaged, 3 lost"). Valid until close. */
const char *fr_queue_incident(const struct fr_queue *queue);

/* Has the file been unlinked or replaced under this connection? */
bool fr_queue_has_moved(struct fr_queue *queue);

#endif

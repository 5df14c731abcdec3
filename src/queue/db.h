/* The connection: internal to queue/. One SQLite handle, its prepared statements, the lock, the
 * limits.
 *
 * Statements live in schema/query/, are prepared at first use and kept. A statement handed out by
 * fr_db_statement is reset and without bindings; fr_db_finish resets it again, whatever happened,
 * since a statement left half stepped keeps a read lock and wedges every later BEGIN.
 */
#ifndef FR_QUEUE_DB_H
#define FR_QUEUE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/file.h"
#include "base/text.h"
#include "queue/lock.h"
#include "queue/queries.h"
#include "queue/queue.h"

enum {
	FR_APPLICATION_ID = 0x464c5452, /* "FLTR" */
	FR_SCHEMA_VERSION = 4,
	FR_MIN_WRITER = 1, /* the oldest release that may write a file made by this one */
	FR_PAGE_BYTES = 4096,
	FR_FRAME_BYTES = FR_PAGE_BYTES + 24,
	FR_CHECKPOINT_FRAMES = 1000,
};

struct fr_queue {
	sqlite3 *db;
	sqlite3_stmt *statements[FR_QUERY_COUNT];
	struct fr_lock *lock;
	const struct fr_env *env;
	char home[FR_PATH_MAX];
	char path[FR_PATH_MAX];
	enum fr_durability durability;
	int64_t max_bytes;
	unsigned busy_ms;
	unsigned left_ms; /* of busy_ms, once the lock file was waited for: SQLite's share */
	bool agent;
	enum fr_keep_sent keep_sent;
	unsigned lock_depth; /* the lock file is held while above 0 */
	bool in_transaction;
	bool suspect;           /* a fault that speaks of damage: look closer before the next use */
	bool is_weak;           /* `synchronous` is less than was asked for */
	int failed_code;        /* SQLite's extended code of the last failure */
	bool log_must_shrink;   /* the disk is full: a shorter log makes room */
	int64_t finished_bytes; /* of events that wait to be deleted, about */
	int64_t clock_checked_us; /* boot clock of the last look at the clocks */
	char incident[256];
};

/* Opens a connection on an existing file with all settings of storage.md; no lock is needed. */
enum fr_status fr_db_connect(struct fr_queue *queue, struct fr_error *err);
/* The same to an empty database in memory, without any settings: for a schema to compare with, or
 * rows that have to be somewhere for a moment. */
enum fr_status fr_db_connect_memory(struct fr_queue *queue, struct fr_error *err);
void fr_db_disconnect(struct fr_queue *queue);

/* NULL, with the error filled, when it cannot be prepared. */
sqlite3_stmt *fr_db_statement(struct fr_queue *queue, enum fr_query query, struct fr_error *err);

/* Binds ?1, ?2, ... by a letter each: i int64_t, s text (NULL: NULL), n NULL. Text must outlive the
 * statement's use. */
enum fr_status fr_db_bind(struct fr_queue *queue, sqlite3_stmt *statement, struct fr_error *err,
			  const char *kinds, ...);

/* One step. FR_OK: a row is there; FR_NONE: done; else the fault. */
enum fr_status fr_db_step(struct fr_queue *queue, sqlite3_stmt *statement, struct fr_error *err);
void fr_db_finish(sqlite3_stmt *statement);

/* Prepares, binds, runs to the end and resets a statement whose rows nobody wants. */
enum fr_status fr_db_run(struct fr_queue *queue, enum fr_query query, struct fr_error *err,
			 const char *kinds, ...);

/* The same for one integer out of the first row; FR_NONE when there is no row or it is NULL. */
enum fr_status fr_db_get(struct fr_queue *queue, enum fr_query query, int64_t *out,
			 struct fr_error *err, const char *kinds, ...);

/* Runs a script of schema/ that returns nothing of interest. */
enum fr_status fr_db_script(struct fr_queue *queue, const char *script, struct fr_error *err);

/* FR_TOO_NEW when the file says that this release may not write it any more. */
enum fr_status fr_db_may_write(struct fr_queue *queue, struct fr_error *err);

/* BEGIN IMMEDIATE in a file that we may write: a newer release may have taken it over while we had
 * it open. On failure there is no transaction. */
enum fr_status fr_db_begin(struct fr_queue *queue, struct fr_error *err);

/* Undoes it; harmless where SQLite has done so already. Its own failure is not told: whoever calls
 * it has a reason to tell. */
void fr_db_rollback(struct fr_queue *queue);

/* Does a commit wait for the disk? */
enum fr_status fr_db_set_durability(struct fr_queue *queue, bool power, struct fr_error *err);

/* Back to what was asked for; the agent's commits always wait. */
enum fr_status fr_db_restore_durability(struct fr_queue *queue, struct fr_error *err);

/* Translates SQLite's words: BUSY, FULL, IOERR, CORRUPT, NOTADB, NOMEM, READONLY. */
enum fr_status fr_db_fail(sqlite3 *db, int code, const char *doing, struct fr_error *err);

/* What the last fault amounts to: for a statement that could not be prepared. */
enum fr_status fr_db_fault(const struct fr_queue *queue);

/* Text of a column, "" for NULL. Borrowed until the next step. */
const char *fr_db_text(sqlite3_stmt *statement, int column);

/* Lock and look: FR_NONE when the file was moved or deleted under us; a suspect one is tested and
 * healed. */
enum fr_status fr_db_enter(struct fr_queue *queue, struct fr_error *err);

/* How long SQLite waits for a lock of its own from now on: what is left of busy_ms, or not at all.
 */
void fr_db_set_patient(struct fr_queue *queue, bool patient);

/* Takes the lock file; may be nested, each with its unlock. */
enum fr_status fr_db_lock(struct fr_queue *queue, struct fr_error *err);
void fr_db_unlock(struct fr_queue *queue);

/* Rows changed by the last statement. */
int64_t fr_db_changes(struct fr_queue *queue);

#endif

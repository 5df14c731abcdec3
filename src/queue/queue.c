/* The happy path: open finds or makes the file, connects, checks the version; begin ... commit
 * wraps what the agent does; close lets go without a checkpoint.
 *
 * Failures: a damaged file found while opening is salvaged at once, one found later at the next
 * begin or append (`suspect`). A queue that was unlinked or replaced under us answers FR_NONE:
 * commits into it would be lost.
 *
 * Durability: fr_queue_commit is the only place where the agent's transactions become true. A crash
 * just before it leaves everything as it was before begin; just after it, everything is done.
 */
#include "queue/queue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"
#include "queue/create.h"
#include "queue/db.h"
#include "queue/health.h"
#include "queue/locks_after_fork.h"
#include "queue/room.h"
#include "queue/salvage.h"
#include "queue/wal_file.h"

enum { LONG_LOG_BYTES = 2 * 1024 * 1024 };

/* Queue files are regular files of this user; FR_NONE when there is none. An empty one must not
 * even be shown to SQLite, which would take it for a new one and delete the WAL beside it. */
static enum fr_status check_file(const char *path, struct fr_error *err)
{
	struct stat facts;

	if (lstat(path, &facts) != 0)
		return errno == ENOENT ? FR_NONE
				       : fr_fail(err, FR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISREG(facts.st_mode))
		return fr_fail(err, FR_INVALID, "%s: not a regular file", path);
	if (facts.st_uid != geteuid())
		return fr_fail(err, FR_INVALID, "%s: belongs to another user", path);
	if (facts.st_size == 0)
		return fr_fail(err, FR_CORRUPT, "%s: is empty", path);
	return FR_OK;
}

static enum fr_status connect_and_check(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status = fr_locks_take_again(queue->path, err);

	if (status == FR_OK)
		status = fr_db_connect(queue, err);
	if (status == FR_OK)
		status = fr_queue_migrate(queue, err);
	if (status == FR_OK && fr_wal_is_cut(queue))
		status = fr_fail(err, FR_CORRUPT, "%s: its log is damaged", queue->path);
	if (status != FR_OK)
		fr_db_disconnect(queue);
	return status;
}

static enum fr_status salvage_and_connect(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status;

	fr_db_disconnect(queue);
	status = fr_salvage(queue, err);
	return status == FR_OK ? connect_and_check(queue, err) : status;
}

/* Who opens a queue that nobody else has open reads its whole WAL. One that makes this slow is
 * shortened by whoever paid for it: a command line that records one event at a time has no agent
 * to do it. A reader in the way is no fault. */
static void shorten_long_log(struct fr_queue *queue)
{
	if (fr_room_wal_bytes(queue) > LONG_LOG_BYTES)
		(void)fr_room_checkpoint(queue, true, NULL);
}

/* Under the lock file. */
static enum fr_status find_or_make(struct fr_queue *queue, bool may_create, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	if (fr_salvage_is_pending(queue))
		status = fr_salvage(queue, err);
	if (status == FR_OK)
		status = check_file(queue->path, err);
	if (status == FR_NONE && may_create)
		status = fr_queue_create(queue, NULL, err);
	if (status == FR_OK)
		status = connect_and_check(queue, err);
	if (status == FR_CORRUPT)
		status = salvage_and_connect(queue, err);
	if (status == FR_OK)
		shorten_long_log(queue);
	return status;
}

static enum fr_status queue_init(struct fr_queue *queue, const struct fr_queue_options *options,
				 struct fr_error *err)
{
	char lock_path[FR_PATH_MAX];
	enum fr_status status;

	queue->env = options->env;
	queue->durability = options->durability;
	queue->max_bytes = options->max_bytes;
	queue->busy_ms = options->busy_ms;
	queue->agent = options->exclusive_agent;
	queue->keep_sent = options->keep_sent;
	(void)fr_text_copy(queue->home, sizeof queue->home, options->home);
	status = fr_path_join(queue->path, options->home, "queue.db", err);
	if (status == FR_OK && !options->may_create && !fr_salvage_is_pending(queue) &&
	    check_file(queue->path, NULL) == FR_NONE)
		status = FR_NONE;
	if (status == FR_OK)
		status = fr_path_join(lock_path, options->home, "queue.lock", err);
	if (status == FR_OK)
		status = fr_lock_open(&queue->lock, lock_path, err);
	return status;
}

enum fr_status fr_queue_open(struct fr_queue **out, const struct fr_queue_options *options,
			     struct fr_error *err)
{
	struct fr_queue *queue = calloc(1, sizeof *queue);
	enum fr_status status;

	*out = NULL;
	if (queue == NULL)
		return fr_fail(err, FR_NOMEM, "open the queue: out of memory");
	if (options->max_bytes < FR_QUEUE_MIN_BYTES) {
		free(queue);
		return fr_fail(err, FR_INVALID, "queue.max_bytes is under 1 MiB");
	}
	status = queue_init(queue, options, err);
	if (status == FR_OK)
		status = fr_db_lock(queue, err);
	if (status == FR_OK) {
		status = find_or_make(queue, options->may_create, err);
		fr_db_unlock(queue);
	}
	if (status == FR_OK) {
		*out = queue;
		queue = NULL;
	}
	fr_queue_close(queue);
	return status;
}

void fr_queue_close(struct fr_queue *queue)
{
	if (queue == NULL)
		return;
	fr_queue_rollback(queue);
	fr_db_disconnect(queue);
	fr_lock_close(queue->lock);
	free(queue);
}

void fr_queue_set_busy(struct fr_queue *queue, unsigned busy_ms)
{
	queue->busy_ms = busy_ms;
}

void fr_queue_abandon(struct fr_queue *queue)
{
	if (queue == NULL)
		return;
	fr_locks_note_inherited(queue->path);
	fr_lock_abandon(queue->lock);
	queue->lock = NULL;
	/* The connection leaks on purpose: closing it would disturb the parent's. */
}

bool fr_queue_has_moved(struct fr_queue *queue)
{
	int moved = 0;

	return queue->db != NULL &&
	       sqlite3_file_control(queue->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) ==
		       SQLITE_OK &&
	       moved != 0;
}

const char *fr_queue_incident(const struct fr_queue *queue)
{
	return queue->incident;
}

/* SQLite found something earlier that cannot be: tests the file again, under the lock, and salvages
 * it when that is so. */
static enum fr_status heal(struct fr_queue *queue, struct fr_error *err)
{
	struct fr_error own = {0};
	enum fr_status status = fr_db_may_write(queue, &own);

	if (status == FR_TOO_NEW) /* then it is the schema that has changed */
		return fr_fail(err, status, "%s", own.text);
	status = fr_health_check(queue, &own);
	if (status == FR_CORRUPT)
		status = salvage_and_connect(queue, &own);
	if (status == FR_OK)
		queue->suspect = false;
	return status == FR_OK ? FR_OK : fr_fail(err, status, "%s", own.text);
}

enum fr_status fr_db_enter(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status;

	status = fr_db_lock(queue, err);
	if (status != FR_OK)
		return status;
	if (queue->db == NULL) /* an earlier salvage failed: try the whole way again */
		status = find_or_make(queue, true, err);
	else if (fr_queue_has_moved(queue))
		status = fr_fail(err, FR_NONE, "%s: was moved or deleted", queue->path);
	else if (queue->suspect)
		status = heal(queue, err);
	if (status == FR_OK && queue->is_weak)
		status = fr_db_restore_durability(queue, err);
	if (status != FR_OK)
		fr_db_unlock(queue);
	return status;
}

enum fr_status fr_queue_repair(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status = fr_db_enter(queue, err);

	if (status != FR_OK)
		return status;
	status = salvage_and_connect(queue, err);
	fr_db_unlock(queue);
	return status;
}

enum fr_status fr_queue_begin(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status = fr_db_enter(queue, err);

	if (status != FR_OK)
		return status;
	fr_room_keep_log_short(queue); /* inside the transaction it would be too late */
	status = fr_db_begin(queue, err);
	queue->in_transaction = status == FR_OK;
	if (status != FR_OK)
		fr_db_unlock(queue);
	return status;
}

enum fr_status fr_queue_commit(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status;

	FR_CRASH_POINT("queue.commit.before");
	status = fr_db_run(queue, FR_QUERY_commit, err, "");
	FR_CRASH_POINT("queue.commit.after");
	if (status != FR_OK) {
		fr_queue_rollback(queue);
		return status;
	}
	queue->in_transaction = false;
	fr_db_unlock(queue);
	return FR_OK;
}

void fr_queue_rollback(struct fr_queue *queue)
{
	if (!queue->in_transaction)
		return;
	fr_db_rollback(queue);
	queue->in_transaction = false;
	fr_db_unlock(queue);
}

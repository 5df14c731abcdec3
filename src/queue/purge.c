/* Forgetting: everything recorded (purge), or the whole set of files (unlink, for consent off).
 *
 * A purge is one transaction that books everything as gone, and then small ones that delete it.
 * After a crash in between the books balance, nothing of it will ever be sent, and a second purge
 * goes on.
 *
 * To delete takes room at first, and a full disk is why many a purge is made: then it gives up
 * what can be spared, and where that is not enough the whole file, for a new one with the books.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crash.h"
#include "flightrec_salvage.h"
#include "queue/ballast.h"
#include "queue/create.h"
#include "queue/db.h"
#include "queue/ledger.h"
#include "queue/room.h"
#include "queue/salvage.h"
#include "queue/salvage_read.h"
#include "queue/sinks.h"
#include "queue/snapshot.h"
#include "queue/sweep.h"

/* Dead letters are deleted too: they move from dead to dropped{purged}. */
static enum fr_status book_dead(struct fr_queue *queue, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_dead_weights, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	while ((status = fr_db_step(queue, statement, err)) == FR_OK) {
		int64_t sink = sqlite3_column_int64(statement, 0);
		int64_t weight = sqlite3_column_int64(statement, 1);

		status = fr_ledger_book(queue, sink, FR_LEDGER_DEAD, "", -weight, err);
		if (status == FR_OK)
			status = fr_ledger_book(queue, sink, FR_LEDGER_DROPPED, "purged", weight,
						err);
		if (status != FR_OK)
			break;
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

/* Everything is booked as gone, and what is small goes: from here on no sink will ever look at the
 * events up to *last. */
static enum fr_status forget_all(struct fr_queue *queue, int64_t *events, int64_t *last,
				 struct fr_error *err)
{
	static const enum fr_query queries[] = {
		FR_QUERY_delete_sessions,    FR_QUERY_delete_dead_letters,
		FR_QUERY_delete_all_retries, FR_QUERY_delete_history,
		FR_QUERY_delete_refused,     FR_QUERY_delete_incidents,
		FR_QUERY_delete_sent,        FR_QUERY_update_cursor_to_last,
	};
	int64_t low = 0;
	enum fr_status status = fr_sweep_low(queue, &low, err);

	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_count_events, events, err, "i", low);
	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_last_id, last, err, "");
	if (status == FR_OK)
		status = fr_sinks_book_all(queue, "purged", err);
	if (status == FR_OK)
		status = book_dead(queue, err);
	for (size_t i = 0; status == FR_OK && i < sizeof queries / sizeof *queries; i++)
		status = fr_db_run(queue, queries[i], err, "");
	return status;
}

/* The oldest of the rows up to last; *end is the last of them. FR_NONE when there were none. */
static enum fr_status delete_some(struct fr_queue *queue, int64_t last, int64_t *end,
				  struct fr_error *err)
{
	int64_t deleted = 0;
	enum fr_status status = fr_sweep_find_end(queue, 0, last, end, err);

	if (status == FR_OK && *end == 0)
		return FR_NONE;
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_stubs, err, "ii", (int64_t)0, *end);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_old_events, err, "i", *end);
	if (status == FR_OK) {
		deleted = fr_db_changes(queue);
		status = fr_db_run(queue, FR_QUERY_empty_newest, err, "i", *end);
	}
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_update_swept, err, "ii", *end,
				   deleted + fr_db_changes(queue));
	return status;
}

/* In steps, since all of it at once would put as much again into the WAL. */
static enum fr_status delete_events(struct fr_queue *queue, int64_t last, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	int64_t end = 0;

	while (status == FR_OK && end < last) {
		status = fr_queue_begin(queue, err);
		if (status != FR_OK)
			return status;
		status = delete_some(queue, last, &end, err);
		if (status == FR_OK)
			status = fr_queue_commit(queue, err);
		else if (status == FR_NONE) /* somebody else has swept the rest */
			end = last;
		fr_queue_rollback(queue);
	}
	return status == FR_NONE ? FR_OK : status;
}

/* Copies of what was recorded, and what is left of it in the log: a reader in the way leaves the
 * log to the next upkeep. */
static enum fr_status forget_copies(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status = fr_db_enter(queue, err);

	if (status != FR_OK)
		return status;
	(void)fr_salvage_trim(queue->home, 0);
	(void)fr_snapshot_forget(queue->home, queue->env, 0);
	status = fr_room_checkpoint(queue, true, err);
	fr_db_unlock(queue);
	return status == FR_BUSY ? FR_OK : status;
}

/* How far a purge has come. */
struct purge {
	int64_t events; /* that had not left */
	int64_t last;
	bool is_booked;
};

static enum fr_status book(struct fr_queue *queue, struct purge *purge, struct fr_error *err)
{
	enum fr_status status = fr_queue_begin(queue, err);

	if (status == FR_OK)
		status = forget_all(queue, &purge->events, &purge->last, err);
	if (status == FR_OK)
		status = fr_queue_commit(queue, err);
	purge->is_booked = status == FR_OK;
	fr_queue_rollback(queue);
	return status;
}

/* Where one that failed has booked, it goes on: booked again, nothing would be left to count. */
static enum fr_status purge(struct fr_queue *queue, struct purge *purge, struct fr_error *err)
{
	enum fr_status status = purge->is_booked ? FR_OK : book(queue, purge, err);

	if (status == FR_OK)
		status = delete_events(queue, purge->last, err);
	return status == FR_OK ? forget_copies(queue, err) : status;
}

/* ---- on a full disk ---- */

/* What would be deleted anyhow, and the ballast, which is there for this. */
static enum fr_status spare(struct fr_queue *queue, struct fr_error *err)
{
	(void)fr_ballast_drop(queue);
	return forget_copies(queue, err);
}

static enum fr_status keep_books(struct fr_queue *maker, void *keeper, struct fr_error *err)
{
	enum fr_status status = fr_salvage_books(maker, keeper, err);

	return status == FR_OK ? fr_db_script(maker, fr_sql_purged, err) : status;
}

/* Deletes a file of the set, and what it takes on the disk even if somebody has it open: he will
 * find that it was moved before he looks into it. Not for -shm, which is mapped. */
static void give_up(const char *path, const char *suffix)
{
	char name[FR_PATH_MAX + 8];
	int descriptor;

	(void)snprintf(name, sizeof name, "%s%s", path, suffix);
	descriptor = open(name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	(void)unlink(name);
	if (descriptor < 0)
		return;
	while (ftruncate(descriptor, 0) != 0 && errno == EINTR) {
		/* for any other reason: there may be room all the same */
	}
	(void)close(descriptor);
}

/* The books go through memory, since there is no room for both files. A crash before the new one
 * is in place leaves none: the next opener begins one, with books of its own. Under the lock file.
 */
static enum fr_status replace(struct fr_queue *queue, struct fr_error *err)
{
	struct fr_queue keeper = {.env = queue->env, .path = ":memory:"};
	const struct fr_queue_filling filling = {keep_books, &keeper};
	enum fr_status status = fr_db_connect_memory(&keeper, err);

	if (status == FR_OK)
		status = fr_queue_build_schema(&keeper, err);
	if (status == FR_OK)
		status = fr_salvage_books(&keeper, queue, err);
	if (status == FR_OK) {
		fr_db_disconnect(queue);
		give_up(queue->path, "");
		give_up(queue->path, "-wal");
		status = fr_queue_create(queue, &filling, err);
	}
	fr_db_disconnect(&keeper);
	return status;
}

static enum fr_status purge_by_replacing(struct fr_queue *queue, struct purge *purge,
					 struct fr_error *err)
{
	enum fr_status status = fr_db_enter(queue, err);
	int64_t low = 0;

	if (status != FR_OK)
		return status;
	if (!purge->is_booked) {
		status = fr_sweep_low(queue, &low, err);
		if (status == FR_OK)
			status = fr_db_get(queue, FR_QUERY_count_events, &purge->events, err, "i",
					   low);
	}
	if (status == FR_OK)
		status = replace(queue, err);
	fr_db_unlock(queue);
	return status;
}

enum fr_status fr_queue_purge(struct fr_queue *queue, int64_t *events, struct fr_error *err)
{
	struct purge done = {0};
	enum fr_status status = purge(queue, &done, err);

	if (status == FR_FULL && spare(queue, NULL) == FR_OK)
		status = purge(queue, &done, err);
	if (status == FR_FULL)
		status = purge_by_replacing(queue, &done, err);
	*events = done.events;
	return status;
}

/* What belongs to the queue and is deleted with it; never queue.lock. */
static bool is_of_the_set(const char *name)
{
	return (strncmp(name, "queue.db", strlen("queue.db")) == 0 ||
		strcmp(name, "ballast") == 0) &&
	       strcmp(name, "queue.db.moving") != 0;
}

static enum fr_status unlink_set(const char *home, const struct fr_env *env, unsigned *files,
				 struct fr_error *err)
{
	enum fr_status status = FR_OK;
	DIR *folder = opendir(home);
	struct dirent *entry;

	if (folder == NULL)
		return fr_fail(err, FR_IO, "%s: %s", home, strerror(errno));
	/* First: without its log it would be an older queue, in which what has left is back. */
	if (unlinkat(dirfd(folder), "queue.db", 0) == 0)
		*files += 1;
	while ((entry = readdir(folder)) != NULL) {
		if (!is_of_the_set(entry->d_name))
			continue;
		FR_CRASH_POINT("queue.unlink.before_each");
		if (unlinkat(dirfd(folder), entry->d_name, 0) == 0)
			*files += 1;
		else if (errno != ENOENT)
			status = fr_fail(err, FR_IO, "%s/%s: %s", home, entry->d_name,
					 strerror(errno));
	}
	*files += fr_snapshot_forget(home, env, 0);
	(void)unlinkat(dirfd(folder), "queue.db.moving",
		       0); /* last: a move must not go on without it */
	(void)closedir(folder);
	return status;
}

enum fr_status fr_queue_unlink(const char *home, const struct fr_env *env, unsigned busy_ms,
			       unsigned *files, struct fr_error *err)
{
	char path[FR_PATH_MAX];
	struct fr_lock *lock = NULL;
	enum fr_status status = fr_path_join(path, home, "queue.lock", err);

	*files = 0;
	if (status == FR_OK && access(path, F_OK) != 0 && errno == ENOENT)
		return unlink_set(home, env, files, err); /* nobody ever recorded here */
	if (status == FR_OK)
		status = fr_lock_open(&lock, path, err);
	if (status == FR_OK)
		status = fr_lock_acquire(lock, busy_ms, err);
	if (status == FR_OK) {
		status = unlink_set(home, env, files, err);
		fr_lock_release(lock);
	}
	fr_lock_close(lock);
	if (status == FR_OK)
		status = fr_folder_sync(home, err);
	return status;
}

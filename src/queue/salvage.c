/* The happy path: write the marker, rename db, -wal and -shm, make a new queue under a temporary
 * name of what can be read out of the damaged copy, book the rest, note the incident, link the new
 * one into place, remove the marker.
 *
 * Events that were committed and cannot be read any more are dropped{damaged} for every sink that
 * had not finished with them. What cannot be read at all (not a database any more) gives the events
 * on its pages and nothing else; the incident says so.
 *
 * Failures: a crash anywhere leaves the marker, and the next opener goes on from there; see
 * salvage.h. A new file that cannot be made (a full disk) leaves the marker and the moved file too.
 */
#include "queue/salvage.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"
#include "flightrec_salvage.h"
#include "queue/create.h"
#include "queue/salvage_read.h"
#include "queue/wal_file.h"

enum { COPIES_KEPT = 2, STAMP_TEXT = 32, NAME_MAX_BYTES = FR_PATH_MAX + 64 };

static const char *const suffixes[] = {"", "-wal", "-shm"};

struct salvage {
	struct fr_queue *queue;
	char marker[NAME_MAX_BYTES];
	char copy[NAME_MAX_BYTES]; /* queue.db.damaged-T */
	bool has_read;             /* plain SQL read something */
	int64_t events;
	int64_t lost;
};

static bool is_there(const char *path)
{
	struct stat facts;

	return lstat(path, &facts) == 0;
}

static void name_copy(struct salvage *salvage, const char *stamp)
{
	(void)snprintf(salvage->copy, sizeof salvage->copy, "%s.damaged-%s", salvage->queue->path,
		       stamp);
}

static void name_marker(char out[NAME_MAX_BYTES], const struct fr_queue *queue)
{
	(void)snprintf(out, NAME_MAX_BYTES, "%s.moving", queue->path);
}

bool fr_salvage_is_pending(const struct fr_queue *queue)
{
	char marker[NAME_MAX_BYTES];

	name_marker(marker, queue);
	return is_there(marker);
}

/* ---- moving aside ---- */

/* Each copy has a name of its own, also within one second. */
static enum fr_status write_marker(struct salvage *salvage, struct fr_error *err)
{
	int64_t second = fr_env_wall_us(salvage->queue->env) / 1000000;
	char stamp[STAMP_TEXT];

	do {
		(void)snprintf(stamp, sizeof stamp, "%lld", (long long)second++);
		name_copy(salvage, stamp);
	} while (is_there(salvage->copy));
	return fr_file_replace(salvage->marker, stamp, strlen(stamp), err);
}

/* Finds the name of the copy in the marker; FR_NONE when there is no marker. */
static enum fr_status read_marker(struct salvage *salvage, struct fr_error *err)
{
	struct fr_buffer stamp;
	enum fr_status status;

	if (!is_there(salvage->marker))
		return FR_NONE;
	fr_buffer_init(&stamp, STAMP_TEXT);
	status = fr_file_read(salvage->marker, &stamp, err);
	name_copy(salvage, fr_buffer_text(&stamp));
	fr_buffer_fini(&stamp);
	return status;
}

/* Renames the set, db first; what is not there (any more) has been moved already. */
static enum fr_status move_set(const struct salvage *salvage, struct fr_error *err)
{
	char from[NAME_MAX_BYTES], to[NAME_MAX_BYTES + 8];

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		(void)snprintf(from, sizeof from, "%s%s", salvage->queue->path, suffixes[i]);
		(void)snprintf(to, sizeof to, "%s%s", salvage->copy, suffixes[i]);
		FR_CRASH_POINT("queue.salvage.before_rename");
		if (rename(from, to) != 0 && errno != ENOENT)
			return fr_fail(err, FR_CORRUPT,
				       "%s: damaged, and cannot be moved aside: %s",
				       salvage->queue->path, strerror(errno));
	}
	return fr_folder_sync(salvage->queue->home, err);
}

/* ---- the new one ---- */

static int64_t ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t answer = 0;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		answer = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return answer;
}

static enum fr_status note_incident(struct salvage *salvage, struct fr_queue *into,
				    struct fr_error *err)
{
	const char *name = strrchr(salvage->copy, '/') + 1;
	char *text = salvage->queue->incident;
	size_t size = sizeof salvage->queue->incident;
	enum fr_status status;

	if (salvage->has_read)
		(void)snprintf(text, size,
			       "the queue was damaged and moved to %.64s; %lld events were "
			       "salvaged, %lld are lost and booked as dropped (damaged)",
			       name, (long long)salvage->events, (long long)salvage->lost);
	else
		(void)snprintf(text, size,
			       "the queue was damaged beyond reading and moved to %.64s; %lld "
			       "events were found on its pages, what else it held is unknown",
			       name, (long long)salvage->events);
	status = fr_db_run(into, FR_QUERY_insert_incident, err, "is", fr_env_wall_us(into->env),
			   text);
	if (status == FR_OK)
		status = fr_db_run(into, FR_QUERY_trim_incidents, err, "");
	return status;
}

/* Are there commits that SQLite does not take from the copy's log? */
static bool log_is_cut(const struct salvage *salvage)
{
	struct fr_wal_file wal;
	bool is_cut;

	fr_wal_file_open(&wal, salvage->copy);
	is_cut = fr_wal_file_is_cut(&wal);
	fr_wal_file_close(&wal);
	return is_cut;
}

/* Fills the new queue, inside its transaction. */
static enum fr_status carry_over(struct fr_queue *into, void *context, struct fr_error *err)
{
	struct salvage *salvage = context;
	bool whole = false;
	int64_t swept = 0;
	enum fr_status status = fr_salvage_tables(into, salvage->copy, &whole, err);

	salvage->has_read = ask(into->db, fr_sql_count_rows) > 0;
	if (status == FR_OK)
		status = fr_db_get(into, FR_QUERY_select_queue, &swept, err, "");
	if (status == FR_OK && (!whole || log_is_cut(salvage)))
		status = fr_salvage_pages(into, salvage->copy, swept, err);
	if (status == FR_OK)
		status = fr_db_script(into, fr_sql_take_newest_id, err);
	salvage->events = ask(into->db, fr_sql_count_events);
	salvage->lost = ask(into->db, fr_sql_count_lost);
	if (status == FR_OK)
		status = fr_db_script(into, fr_sql_balance, err);
	FR_CRASH_POINT("queue.salvage.before_commit");
	return status == FR_OK ? note_incident(salvage, into, err) : status;
}

static enum fr_status take_over(struct salvage *salvage, struct fr_error *err)
{
	struct fr_queue *queue = salvage->queue;
	const struct fr_queue_filling filling = {carry_over, salvage};
	enum fr_status status = fr_queue_create(queue, &filling, err);

	if (status == FR_OK)
		fr_log(&queue->env->log, FR_LOG_WARN, "queue.salvaged",
		       "readable=%d events=%lld lost=%lld", salvage->has_read,
		       (long long)salvage->events, (long long)salvage->lost);
	return status;
}

static enum fr_status remove_marker(const struct salvage *salvage, struct fr_error *err)
{
	FR_CRASH_POINT("queue.salvage.before_end");
	if (unlink(salvage->marker) != 0 && errno != ENOENT)
		return fr_fail(err, FR_IO, "%s: %s", salvage->marker, strerror(errno));
	return fr_folder_sync(salvage->queue->home, err);
}

enum fr_status fr_salvage(struct fr_queue *queue, struct fr_error *err)
{
	struct salvage salvage = {.queue = queue};
	enum fr_status status;

	name_marker(salvage.marker, queue);
	status = read_marker(&salvage, err);
	if (status == FR_NONE)
		status = write_marker(&salvage, err);
	FR_CRASH_POINT("queue.salvage.after_marker");
	if (status == FR_OK && !(is_there(queue->path) && is_there(salvage.copy))) {
		status = move_set(&salvage, err);
		if (status == FR_OK && is_there(salvage.copy)) /* else somebody deleted it */
			status = take_over(&salvage, err);
	}
	if (status == FR_OK)
		status = remove_marker(&salvage, err);
	if (status == FR_OK)
		(void)fr_salvage_trim(queue->home, COPIES_KEPT);
	return status;
}

/* ---- bounded in number and in time ---- */

static const char prefix[] = "queue.db.damaged-";

static bool is_copy(const char *name)
{
	size_t length = strlen(name);

	return strncmp(name, prefix, sizeof prefix - 1) == 0 &&
	       (length < 4 ||
		(strcmp(name + length - 4, "-wal") != 0 && strcmp(name + length - 4, "-shm") != 0));
}

/* The oldest copy by its stamp; their count is returned. */
static unsigned find_oldest(DIR *folder, char *oldest, size_t size)
{
	struct dirent *entry;
	unsigned count = 0;

	rewinddir(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (!is_copy(entry->d_name))
			continue;
		if (count++ == 0 || strcmp(entry->d_name, oldest) < 0)
			(void)fr_text_copy(oldest, size, entry->d_name);
	}
	return count;
}

unsigned fr_salvage_trim(const char *home, unsigned keep)
{
	DIR *folder = opendir(home);
	char oldest[256], name[300];
	unsigned removed = 0;

	if (folder == NULL)
		return 0;
	while (find_oldest(folder, oldest, sizeof oldest) > keep) {
		bool gone = false;

		for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
			(void)snprintf(name, sizeof name, "%s%s", oldest, suffixes[i]);
			if (unlinkat(dirfd(folder), name, 0) == 0) {
				removed++;
				gone = gone || i == 0;
			}
		}
		if (!gone)
			break;
	}
	(void)closedir(folder);
	return removed;
}

/* The stamp is the second in which it was moved. */
void fr_salvage_drop_old(const char *home, int64_t before_us)
{
	DIR *folder = opendir(home);
	struct dirent *entry;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		const char *stamp = entry->d_name + sizeof prefix - 1;

		if (strncmp(entry->d_name, prefix, sizeof prefix - 1) == 0 &&
		    strtoll(stamp, NULL, 10) < before_us / 1000000)
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	}
	if (folder != NULL)
		(void)closedir(folder);
}

/* The happy path: write the marker, rename db, -wal, -shm, remove the marker, read the newest id
 * out of the damaged copy, make a new queue behind it, copy what can be read, book the rest, note
 * the incident.
 *
 * The copy is read by a connection of its own that tolerates errors: table by table, and events in
 * steps of ids, so that a bad page costs the rows on it and not those behind it. Events that were
 * committed and cannot be read any more are dropped{damaged} for every sink that had not finished
 * with them.
 *
 * Failures: what cannot be read at all (not a database any more) costs everything in it, and the
 * incident says so. A crash in between: see salvage.h; a salvage that was cut short after the new
 * file was made has lost the copy's events from the queue, but the copy stays.
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

enum { COPIES_KEPT = 2, STEP_IDS = 256 };

static const char *const suffixes[] = {"", "-wal", "-shm"};

static void name_with(char out[FR_PATH_MAX + 64], const char *path, const char *suffix)
{
	(void)snprintf(out, FR_PATH_MAX + 64, "%s%s", path, suffix);
}

/* Renames the set; the files that are not there (any more) have been moved already. */
static enum fr_status move_set(const struct fr_queue *queue, const char *stamp,
			       struct fr_error *err)
{
	char from[FR_PATH_MAX + 64], to[FR_PATH_MAX + 64];

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		name_with(from, queue->path, suffixes[i]);
		(void)snprintf(to, sizeof to, "%s.damaged-%s%s", queue->path, stamp, suffixes[i]);
		FR_CRASH_POINT("queue.salvage.before_rename");
		if (rename(from, to) != 0 && errno != ENOENT)
			return fr_fail(err, FR_CORRUPT,
				       "%s: damaged, and cannot be moved aside: %s", queue->path,
				       strerror(errno));
	}
	return fr_folder_sync(queue->home, err);
}

enum fr_status fr_salvage_finish_move(struct fr_queue *queue, struct fr_error *err)
{
	char marker[FR_PATH_MAX + 64];
	struct fr_buffer stamp;
	enum fr_status status;

	name_with(marker, queue->path, ".moving");
	fr_buffer_init(&stamp, 32);
	status = fr_file_read(marker, &stamp, err);
	if (status == FR_OK)
		status = move_set(queue, fr_buffer_text(&stamp), err);
	if (status == FR_OK && unlink(marker) != 0 && errno != ENOENT)
		status = fr_fail(err, FR_IO, "%s: %s", marker, strerror(errno));
	fr_buffer_fini(&stamp);
	return status == FR_NONE ? FR_OK : status;
}

static enum fr_status move_aside(struct fr_queue *queue, char *copy, size_t size,
				 struct fr_error *err)
{
	char marker[FR_PATH_MAX + 64], stamp[32];
	enum fr_status status;

	(void)snprintf(stamp, sizeof stamp, "%lld",
		       (long long)(fr_env_wall_us(queue->env) / 1000000));
	(void)snprintf(copy, size, "%s.damaged-%s", queue->path, stamp);
	name_with(marker, queue->path, ".moving");
	status = fr_file_replace(marker, stamp, strlen(stamp), err);
	FR_CRASH_POINT("queue.salvage.after_marker");
	return status == FR_OK ? fr_salvage_finish_move(queue, err) : status;
}

/* ---- reading the damaged copy ---- */

static bool run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool is_damage(int code)
{
	return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB ||
	       (code & 0xff) == SQLITE_IOERR;
}

/* One integer from the damaged copy; 0 when it cannot be read. */
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

/* Copies events with ids in [from, to]; when a step fails, halves it until only the unreadable row
 * is left out. */
static int64_t copy_events(sqlite3 *db, sqlite3_stmt *statement, int64_t from, int64_t to)
{
	int code;

	(void)sqlite3_bind_int64(statement, 1, from);
	(void)sqlite3_bind_int64(statement, 2, to);
	do
		code = sqlite3_step(statement);
	while (code == SQLITE_ROW);
	(void)sqlite3_reset(statement);
	if (code == SQLITE_DONE)
		return sqlite3_changes(db);
	if (!is_damage(code) || from == to)
		return 0;
	return copy_events(db, statement, from, from + (to - from) / 2) +
	       copy_events(db, statement, from + (to - from) / 2 + 1, to);
}

static int64_t copy_all_events(sqlite3 *db, int64_t first, int64_t last)
{
	sqlite3_stmt *statement = NULL;
	int64_t copied = 0;

	if (sqlite3_prepare_v2(db, fr_sql_copy_events, -1, &statement, NULL) == SQLITE_OK)
		for (int64_t from = first; from <= last; from += STEP_IDS) {
			int64_t to = from + STEP_IDS - 1;

			copied += copy_events(db, statement, from, to < last ? to : last);
		}
	(void)sqlite3_finalize(statement);
	return copied;
}

struct salvaged {
	int64_t last_id;
	int64_t first_id;
	int64_t events;
	bool readable;
};

/* Attaches the copy to the new queue and takes over what is readable, each table for itself. */
static void take_over(struct fr_queue *queue, const char *copy, struct salvaged *salvaged)
{
	static const char *const tables[] = {fr_sql_copy_sinks,        fr_sql_copy_ledger,
					     fr_sql_copy_sessions,     fr_sql_copy_batches,
					     fr_sql_copy_dead_letters, fr_sql_copy_history};
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(queue->db, fr_sql_attach, -1, &statement, NULL) == SQLITE_OK) {
		(void)sqlite3_bind_text(statement, 1, copy, -1, SQLITE_STATIC);
		salvaged->readable = sqlite3_step(statement) == SQLITE_DONE;
	}
	(void)sqlite3_finalize(statement);
	if (!salvaged->readable)
		return;
	(void)run(queue->db, fr_sql_begin_salvage);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		(void)run(queue->db,
			  tables[i]); /* what cannot be read is shown by the books below */
	salvaged->events = copy_all_events(queue->db, salvaged->first_id, salvaged->last_id);
	(void)run(queue->db, fr_sql_balance_salvage);
	(void)run(queue->db, fr_sql_end_salvage);
}

/* The newest id the damaged file ever gave out, as far as it can be read: beyond all that its
 * tables mention. */
static void read_bounds(const char *copy, struct salvaged *salvaged)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(copy, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
		(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		salvaged->last_id = ask(db, fr_sql_last_id_events);
		if (ask(db, fr_sql_last_id_sinks) > salvaged->last_id)
			salvaged->last_id = ask(db, fr_sql_last_id_sinks);
		if (ask(db, fr_sql_last_id_sessions) > salvaged->last_id)
			salvaged->last_id = ask(db, fr_sql_last_id_sessions);
		salvaged->first_id = ask(db, fr_sql_first_id_events);
	}
	(void)sqlite3_close(db);
}

static enum fr_status note_incident(struct fr_queue *queue, const char *copy,
				    const struct salvaged *salvaged, struct fr_error *err)
{
	const char *name = strrchr(copy, '/') ? strrchr(copy, '/') + 1 : copy;
	enum fr_status status;

	if (salvaged->readable)
		(void)snprintf(
			queue->incident, sizeof queue->incident,
			"the queue was damaged and moved to %.64s; %lld events were salvaged, what "
			"is missing is booked as dropped (damaged)",
			name, (long long)salvaged->events);
	else
		(void)snprintf(
			queue->incident, sizeof queue->incident,
			"the queue was damaged beyond reading and moved to %.64s; a new one took "
			"over",
			name);
	status = fr_db_run(queue, FR_QUERY_insert_incident, err, "is", fr_env_wall_us(queue->env),
			   queue->incident);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_trim_incidents, err, "");
	fr_log(&queue->env->log, FR_LOG_WARN, "queue.salvaged",
	       "readable=%d events=%lld last_id=%lld", salvaged->readable,
	       (long long)salvaged->events, (long long)salvaged->last_id);
	return status;
}

enum fr_status fr_salvage(struct fr_queue *queue, struct fr_error *err)
{
	struct salvaged salvaged = {0};
	char copy[FR_PATH_MAX + 64];
	enum fr_status status = move_aside(queue, copy, sizeof copy, err);

	if (status != FR_OK)
		return status;
	read_bounds(copy, &salvaged);
	status = fr_queue_create(queue, salvaged.last_id, err);
	if (status == FR_OK)
		status = fr_db_connect(queue, err);
	if (status != FR_OK)
		return status;
	take_over(queue, copy, &salvaged);
	fr_db_disconnect(queue); /* lets go of the copy, whatever state it is in */
	status = fr_db_connect(queue, err);
	if (status == FR_OK)
		status = note_incident(queue, copy, &salvaged, err);
	(void)fr_salvage_trim(queue->home, COPIES_KEPT);
	return status;
}

/* ---- bounded in number ---- */

static bool is_copy(const char *name)
{
	static const char prefix[] = "queue.db.damaged-";
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

/* The happy path: an empty file of mode 0600 under a temporary name; SQLite fills it (page size,
 * migrations, what was salvaged), turns it to WAL mode and closes it; fsync; link() to queue.db.
 *
 * Only SQLite ever opens or closes queue.db itself: any other close() in the process would drop its
 * locks.
 *
 * Failures: a crash before the link leaves a temporary file that the next creation removes; after
 * it the queue is complete. A file of another application, or of a release that says we may not
 * write, is left untouched.
 */
#include "queue/create.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"
#include "flightrec_connection.h"
#include "flightrec_migrations.h"

static const char *const migrations[FR_SCHEMA_VERSION] = {
	fr_sql_0001_queue,
	fr_sql_0002_dead_letters,
	fr_sql_0003_finished,
	fr_sql_0004_sent,
};

static enum fr_status make_empty_file(const char *path, struct fr_error *err)
{
	int descriptor;

	(void)unlink(path);
	descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (descriptor < 0)
		return fr_fail(err, errno == ENOSPC ? FR_FULL : FR_IO, "%s: %s", path,
			       strerror(errno));
	(void)close(descriptor);
	return FR_OK;
}

static enum fr_status sync_file(const char *path, struct fr_error *err)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int result = descriptor < 0 ? -1 : fsync(descriptor);

	if (descriptor >= 0)
		(void)close(descriptor);
	if (result != 0)
		return fr_fail(err, FR_IO, "%s: %s", path, strerror(errno));
	return FR_OK;
}

static enum fr_status run_migrations(struct fr_queue *queue, int64_t version, struct fr_error *err)
{
	enum fr_status status = fr_db_run(queue, FR_QUERY_begin, err, "");

	for (; status == FR_OK && version < FR_SCHEMA_VERSION; version++)
		status = fr_db_script(queue, migrations[version], err);
	if (status == FR_OK) {
		FR_CRASH_POINT("queue.migrate.before_commit");
		status = fr_db_run(queue, FR_QUERY_commit, err, "");
	}
	if (status != FR_OK)
		fr_db_rollback(queue);
	return status;
}

enum fr_status fr_queue_build_schema(struct fr_queue *queue, struct fr_error *err)
{
	return run_migrations(queue, 0, err);
}

/* Nobody else sees this file yet, so nothing waits for the disk before it is whole. */
static enum fr_status fill(struct fr_queue *maker, const struct fr_queue_filling *filling,
			   struct fr_error *err)
{
	int64_t now_us = fr_env_wall_us(maker->env);
	enum fr_status status = fr_db_script(maker, fr_sql_new_file, err);

	if (status == FR_OK)
		status = fr_queue_build_schema(maker, err);
	if (status == FR_OK)
		status = fr_db_run(maker, FR_QUERY_begin, err, "");
	if (status == FR_OK)
		status = fr_db_run(maker, FR_QUERY_insert_meta, err, "ii", (int64_t)FR_MIN_WRITER,
				   now_us);
	if (status == FR_OK && filling != NULL)
		status = filling->fill(maker, filling->context, err);
	if (status == FR_OK)
		status = fr_db_run(maker, FR_QUERY_commit, err, "");
	if (status == FR_OK)
		status = fr_db_script(maker, fr_sql_finished_file, err);
	return status;
}

static void unlink_set(const char *path)
{
	char name[FR_PATH_MAX + 8];

	(void)unlink(path);
	(void)snprintf(name, sizeof name, "%s-wal", path);
	(void)unlink(name);
	(void)snprintf(name, sizeof name, "%s-shm", path);
	(void)unlink(name);
}

/* link() rather than rename(): it never replaces a file. Where a file system has no links, the lock
 * file alone keeps others from making one at the same time. */
static enum fr_status put_in_place(const char *made, const char *path, struct fr_error *err)
{
	if (link(made, path) == 0 || errno == EEXIST)
		return FR_OK;
	if ((errno == EPERM || errno == ENOTSUP || errno == ENOSYS || errno == EMLINK) &&
	    rename(made, path) == 0)
		return FR_OK;
	return fr_fail(err, errno == ENOSPC ? FR_FULL : FR_IO, "%s: %s", path, strerror(errno));
}

enum fr_status fr_queue_create(struct fr_queue *queue, const struct fr_queue_filling *filling,
			       struct fr_error *err)
{
	struct fr_queue maker = *queue;
	enum fr_status status = fr_path_join(maker.path, queue->home, "queue.db.new", err);

	unlink_set(queue->path); /* a -wal without its file would be replayed into the new one */
	if (status == FR_OK)
		status = make_empty_file(maker.path, err);
	if (status != FR_OK)
		return status;
	maker.db = NULL;
	memset(maker.statements, 0, sizeof maker.statements);
	status = fr_db_connect(&maker, err);
	if (status == FR_OK)
		status = fill(&maker, filling, err);
	fr_db_disconnect(&maker);
	if (status == FR_OK)
		status = sync_file(maker.path, err);
	FR_CRASH_POINT("queue.create.before_link");
	if (status == FR_OK)
		status = put_in_place(maker.path, queue->path, err);
	FR_CRASH_POINT("queue.create.after_link");
	unlink_set(maker.path);
	if (status == FR_OK)
		status = fr_folder_sync(queue->home, err);
	return status;
}

/* Another program's file stays as it is; ours with a damaged header is damaged. */
static enum fr_status refuse_foreign(struct fr_queue *queue, int64_t application,
				     struct fr_error *err)
{
	int64_t min_writer = 0;

	if (fr_db_get(queue, FR_QUERY_select_meta, &min_writer, NULL, "") == FR_OK)
		return fr_fail(err, FR_CORRUPT, "%s: its application id is damaged", queue->path);
	return fr_fail(err, FR_INVALID, "%s: not a queue of Flightrec (application id %lld)",
		       queue->path, (long long)application);
}

enum fr_status fr_queue_migrate(struct fr_queue *queue, struct fr_error *err)
{
	int64_t application = 0, version = 0;
	enum fr_status status =
		fr_db_get(queue, FR_QUERY_select_application_id, &application, err, "");

	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_user_version, &version, err, "");
	if (status != FR_OK)
		return status;
	if (application != FR_APPLICATION_ID)
		return refuse_foreign(queue, application, err);
	if (version < 1)
		return fr_fail(err, FR_CORRUPT, "%s: its version is damaged", queue->path);
	if (version > FR_SCHEMA_VERSION)
		return fr_db_may_write(queue, err);
	return version < FR_SCHEMA_VERSION ? run_migrations(queue, version, err) : FR_OK;
}

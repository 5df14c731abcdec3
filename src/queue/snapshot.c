/* The happy path with an agent: open the file read-only beside it. Without one: copy db and -wal
 * under the lock file into a folder of our own inside the home (nobody else may read it), open the
 * copy exclusively, so that it needs no -shm, and unlink it at once; what is open stays readable.
 * The same where the agent is of an older release, and so is the file: the copy is brought up to
 * date.
 * Where there is no room for a copy, or the home may not be written to, the file itself is read.
 *
 * Failures: FR_NONE without a queue; FR_BUSY when writers hold the lock for a second; a damaged
 * file is read as far as it goes.
 */
#include "queue/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/socket.h"
#include "flightrec_connection.h"
#include "queue/create.h"

enum { LOCK_WAIT_MS = 1000, COPY_BYTES = 256 * 1024 };

#define FORGOTTEN_AFTER_US INT64_C(60000000)

static enum fr_status copy_file(const char *from, const char *to, struct fr_error *err)
{
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;
	char *block = malloc(COPY_BYTES);
	enum fr_status status = FR_OK;
	ssize_t got = 0;

	if (in >= 0 && block != NULL)
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (in < 0 && errno == ENOENT)
		status = FR_NONE;
	else if (block == NULL)
		status = fr_fail(err, FR_NOMEM, "copy %s: out of memory", from);
	else if (in < 0 || out < 0)
		status = fr_fail(err, FR_IO, "copy %s: %s", from, strerror(errno));
	while (status == FR_OK && (got = read(in, block, COPY_BYTES)) > 0)
		if (write(out, block, (size_t)got) != got)
			status = fr_fail(err, FR_IO, "copy %s: %s", from, strerror(errno));
	if (status == FR_OK && got < 0)
		status = fr_fail(err, FR_IO, "read %s: %s", from, strerror(errno));
	if (in >= 0)
		(void)close(in);
	if (out >= 0)
		(void)close(out);
	free(block);
	return status;
}

static enum fr_status open_file(struct fr_queue *queue, const char *path, int flags,
				struct fr_error *err)
{
	int code = sqlite3_open_v2(path, &queue->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	enum fr_status status;

	if (code != SQLITE_OK)
		return fr_db_fail(queue->db, code, path, err);
	sqlite3_extended_result_codes(queue->db, 1);
	sqlite3_busy_timeout(queue->db, LOCK_WAIT_MS);
	(void)sqlite3_db_config(queue->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_db_config(queue->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	status = fr_db_script(queue, fr_sql_reading, err);
	return status;
}

/* The closing of a descriptor of queue.db would drop this process's SQLite locks on it, so a
 * process that has the queue open must not take a copy; the tool and the agent's own status never
 * do both. */
static enum fr_status copy_set(const struct fr_snapshot *snapshot, const char *folder,
			       struct fr_error *err)
{
	char from[FR_PATH_MAX + 8], to[FR_PATH_MAX + 32], lock_path[FR_PATH_MAX];
	struct fr_lock *lock = NULL;
	enum fr_status status = fr_path_join(lock_path, snapshot->home, "queue.lock", err);

	if (status == FR_OK)
		status = fr_lock_open(&lock, lock_path, err);
	if (status == FR_OK)
		status = fr_lock_acquire(lock, LOCK_WAIT_MS, err);
	if (status != FR_OK) {
		fr_lock_close(lock);
		return status;
	}
	(void)snprintf(to, sizeof to, "%s/queue.db", folder);
	status = copy_file(snapshot->queue.path, to, err);
	if (status == FR_OK) {
		(void)snprintf(from, sizeof from, "%s-wal", snapshot->queue.path);
		(void)snprintf(to, sizeof to, "%s/queue.db-wal", folder);
		status = copy_file(from, to, err);
		status = status == FR_NONE ? FR_OK : status;
	}
	fr_lock_release(lock);
	fr_lock_close(lock);
	return status;
}

static const char *const names[] = {"queue.db", "queue.db-wal", "queue.db-shm"};

static unsigned forget_copy(DIR *home, const char *name)
{
	char path[FR_PATH_MAX];
	unsigned files = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", name, names[i]);
		files += unlinkat(dirfd(home), path, 0) == 0;
	}
	(void)unlinkat(dirfd(home), name, AT_REMOVEDIR); /* one that is not empty is not ours */
	return files;
}

unsigned fr_snapshot_forget(const char *home, const struct fr_env *env, int64_t age_us)
{
	int64_t newest_s = (fr_env_wall_us(env) - age_us) / 1000000;
	DIR *folder = opendir(home);
	struct dirent *entry;
	unsigned files = 0;
	struct stat facts;

	while (folder != NULL && (entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, "look-", strlen("look-")) == 0 &&
		    fstatat(dirfd(folder), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(facts.st_mode) && (age_us == 0 || (int64_t)facts.st_mtime <= newest_s))
			files += forget_copy(folder, entry->d_name);
	}
	if (folder != NULL)
		(void)closedir(folder);
	return files;
}

/* The file of an older release, which nobody has opened with this one yet, lacks what our questions
 * ask for. Another one's or a damaged one is read as it is. */
static enum fr_status update_copy(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status = fr_db_script(queue, fr_sql_changing, err);

	if (status == FR_OK)
		(void)fr_queue_migrate(queue, NULL);
	return status == FR_OK ? fr_db_script(queue, fr_sql_reading, err) : status;
}

static bool is_older(int64_t version)
{
	return version >= 1 && version < FR_SCHEMA_VERSION;
}

static enum fr_status open_copy(struct fr_snapshot *snapshot, struct fr_error *err)
{
	char folder[FR_PATH_MAX + 16], path[FR_PATH_MAX + 32];
	struct fr_queue *queue = &snapshot->queue;
	int64_t version;
	enum fr_status status;

	(void)fr_snapshot_forget(snapshot->home, queue->env, FORGOTTEN_AFTER_US);
	(void)snprintf(folder, sizeof folder, "%s/look-XXXXXX", snapshot->home);
	if (mkdtemp(folder) == NULL)
		return fr_fail(err, FR_IO, "%s: %s", snapshot->home, strerror(errno));
	status = copy_set(snapshot, folder, err);
	(void)snprintf(path, sizeof path, "%s/queue.db", folder);
	if (status == FR_OK)
		status = open_file(queue, path, SQLITE_OPEN_READWRITE, err);
	if (status == FR_OK)
		status = fr_db_script(queue, fr_sql_exclusive, err);
	if (status ==
	    FR_OK) /* the first read opens the -wal, which must happen before it is unlinked */
		status = fr_db_get(queue, FR_QUERY_select_user_version, &version, err, "");
	if (status == FR_OK && is_older(version))
		status = update_copy(queue, err);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
	return status;
}

/* Is an agent serving this home? */
static bool agent_is_up(const char *home)
{
	struct fr_socket_address address;
	bool served = false;
	int descriptor = -1;

	if (fr_socket_address_init(&address, home, "agent.sock", NULL) != FR_OK)
		return false;
	if (fr_socket_open(SOCK_STREAM, &descriptor, NULL) == FR_OK) {
		served =
			connect(descriptor, fr_socket_name(&address), fr_socket_name_length()) == 0;
		(void)close(descriptor);
	}
	fr_socket_address_fini(&address);
	return served;
}

static enum fr_status open_in_place(struct fr_snapshot *snapshot, struct fr_error *err)
{
	return open_file(&snapshot->queue, snapshot->queue.path, SQLITE_OPEN_READONLY, err);
}

static enum fr_status open_any(struct fr_snapshot *snapshot, struct fr_error *err)
{
	bool has_agent = agent_is_up(snapshot->home);
	int64_t version = 0;
	enum fr_status status = has_agent ? open_in_place(snapshot, err) : FR_OK;

	if (has_agent && status == FR_OK)
		status = fr_db_get(&snapshot->queue, FR_QUERY_select_user_version, &version, err,
				   "");
	if (has_agent && !is_older(version))
		return status;
	fr_db_disconnect(&snapshot->queue);
	status = open_copy(snapshot, err);
	if (status != FR_IO)
		return status;
	fr_db_disconnect(&snapshot->queue);
	if (open_in_place(snapshot, NULL) != FR_OK ||
	    fr_db_get(&snapshot->queue, FR_QUERY_select_user_version, &version, NULL, "") != FR_OK)
		return status; /* why there is no copy says more */
	return FR_OK;
}

static enum fr_status snapshot_open(struct fr_snapshot **out, const char *home, bool is_beside,
				    const struct fr_env *env, struct fr_error *err)
{
	struct fr_snapshot *snapshot = calloc(1, sizeof *snapshot);
	struct stat facts;
	enum fr_status status;

	*out = NULL;
	if (snapshot == NULL)
		return fr_fail(err, FR_NOMEM, "look into the queue: out of memory");
	snapshot->queue.env = env;
	snapshot->queue.max_bytes = FR_QUEUE_BYTES_DEFAULT;
	(void)fr_text_copy(snapshot->home, sizeof snapshot->home, home);
	status = fr_path_join(snapshot->queue.path, home, "queue.db", err);
	if (status == FR_OK && lstat(snapshot->queue.path, &facts) != 0)
		status = errno == ENOENT ? FR_NONE
					 : fr_fail(err, FR_IO, "%s: %s", snapshot->queue.path,
						   strerror(errno));
	if (status == FR_OK)
		status = is_beside ? open_in_place(snapshot, err) : open_any(snapshot, err);
	if (status == FR_OK) {
		*out = snapshot;
		snapshot = NULL;
	}
	fr_snapshot_close(snapshot);
	return status;
}

enum fr_status fr_snapshot_open(struct fr_snapshot **out, const char *home,
				const struct fr_env *env, struct fr_error *err)
{
	return snapshot_open(out, home, false, env, err);
}

enum fr_status fr_snapshot_open_beside(struct fr_snapshot **out, const char *home,
				       const struct fr_env *env, struct fr_error *err)
{
	return snapshot_open(out, home, true, env, err);
}

void fr_snapshot_close(struct fr_snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	fr_db_disconnect(&snapshot->queue);
	free(snapshot);
}

/* The happy path is one INSERT in autocommit under the lock file: when it returned, the row is
 * committed.
 *
 * The first event of a session, and the first after its session row was cleaned away, also inserts
 * the session, in the same transaction.
 *
 * Failures: seq is taken only by a commit, so a refused event leaves no hole. When the flush of the
 * disk fails, SQLite takes the commit back although the row may come to light after a power cut; so
 * the event is committed again without a flush, which makes "committed, but not safe from a power
 * cut" true, and the caller is told FR_UNCERTAIN.
 *
 * After a crash: before the COMMIT's sync returns the event may or may not be there, and nobody was
 * told OK; after it, it is there.
 */
#include "base/crash.h"
#include "queue/db.h"
#include "queue/room.h"

enum { CLEAN_SESSIONS_EVERY = 1024 };

static enum fr_status add_session(struct fr_queue *queue, struct fr_session *session,
				  struct fr_error *err)
{
	int64_t now_us = fr_env_wall_us(queue->env);
	int64_t row = 0;
	enum fr_status status =
		fr_db_get(queue, FR_QUERY_insert_session, &row, err, "sssiii", session->uuid,
			  session->service, session->version, (int64_t)session->user_bucket,
			  (int64_t)session->ci, now_us);

	if (status != FR_OK)
		return status;
	session->row = row;
	if (row % CLEAN_SESSIONS_EVERY == 0)
		status = fr_db_run(queue, FR_QUERY_delete_empty_sessions, err, "i", row);
	return status;
}

/* One row; FR_NONE when the session's row is gone, or we may not write any more: fr_db_begin tells.
 */
static enum fr_status add_event(struct fr_queue *queue, const struct fr_session *session,
				const struct fr_append *append, int64_t seq, struct fr_error *err)
{
	const struct fr_draft *draft = append->draft;
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_append_event, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "issiisssisssi", session->row, session->uuid,
			    append->uuid, seq, append->time_us, fr_severity_name(draft->severity),
			    draft->name, append->sendable ? "on" : "local",
			    (int64_t)append->internal, append->route,
			    draft->traceparent[0] != '\0' ? draft->traceparent : NULL,
			    fr_buffer_text(&draft->properties), (int64_t)FR_SCHEMA_VERSION);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	fr_db_finish(statement);
	if (status == FR_NONE)
		status = fr_db_changes(queue) == 1 ? FR_OK : FR_NONE;
	return status;
}

static enum fr_status lost_session(struct fr_queue *queue, struct fr_error *err)
{
	queue->suspect = true;
	return fr_fail(err, FR_CORRUPT, "%s: a session cannot be found again", queue->path);
}

/* Inside a transaction: every event with its session. */
static enum fr_status add_all(struct fr_queue *queue, struct fr_session *session,
			      const struct fr_append *appends, unsigned count, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	for (unsigned i = 0; status == FR_OK && i < count; i++) {
		int64_t seq = session->next_seq + i;

		status = session->row != 0 ? add_event(queue, session, &appends[i], seq, err)
					   : FR_NONE;
		if (status == FR_NONE) {
			status = add_session(queue, session, err);
			if (status == FR_OK)
				status = add_event(queue, session, &appends[i], seq, err);
			if (status == FR_NONE) /* the index and the table disagree */
				status = lost_session(queue, err);
		}
	}
	return status;
}

static enum fr_status add_in_transaction(struct fr_queue *queue, struct fr_session *session,
					 const struct fr_append *appends, unsigned count,
					 struct fr_error *err)
{
	enum fr_status status = fr_db_begin(queue, err);

	if (status != FR_OK)
		return status;
	status = add_all(queue, session, appends, count, err);
	FR_CRASH_POINT("queue.append.before_commit");
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_commit, err, "");
	FR_CRASH_POINT("queue.append.after_commit");
	if (status != FR_OK) {
		session->row = 0; /* its insertion was rolled back with the rest */
		fr_db_rollback(queue);
	}
	return status;
}

static enum fr_status add_once(struct fr_queue *queue, struct fr_session *session,
			       const struct fr_append *appends, unsigned count,
			       struct fr_error *err)
{
	enum fr_status status = FR_NONE;

	if (count == 1 && session->row != 0)
		status = add_event(queue, session, appends, session->next_seq, err);
	if (status == FR_NONE)
		status = add_in_transaction(queue, session, appends, count, err);
	return status;
}

/* The flush failed: commits once more without one. */
static enum fr_status add_unflushed(struct fr_queue *queue, struct fr_session *session,
				    const struct fr_append *appends, unsigned count,
				    struct fr_error *err)
{
	struct fr_error flush = *err;
	enum fr_status status = fr_db_set_durability(queue, false, err);

	if (status == FR_OK)
		status = add_once(queue, session, appends, count, err);
	(void)fr_db_restore_durability(queue, NULL); /* noted: the next entry tries it again */
	if (status == FR_OK)
		status = fr_fail(err, FR_UNCERTAIN, "committed, but not on stable storage: %s",
				 flush.text);
	return status;
}

static bool is_flush_failure(const struct fr_queue *queue)
{
	return queue->failed_code == SQLITE_IOERR_FSYNC ||
	       queue->failed_code == SQLITE_IOERR_DIR_FSYNC;
}

static bool is_committed(enum fr_status status)
{
	return status == FR_OK || status == FR_UNCERTAIN;
}

static int64_t text_bytes(const struct fr_append *appends, unsigned count)
{
	int64_t bytes = 0;

	for (unsigned i = 0; i < count; i++)
		bytes += (int64_t)appends[i].draft->properties.length + 256;
	return bytes;
}

static enum fr_status append_locked(struct fr_queue *queue, struct fr_session *session,
				    const struct fr_append *appends, unsigned count,
				    struct fr_error *err)
{
	enum fr_status status = fr_room_make(queue, text_bytes(appends, count), err);

	if (status != FR_OK)
		return status;
	queue->failed_code = SQLITE_OK;
	status = add_once(queue, session, appends, count, err);
	if (status != FR_OK && is_flush_failure(queue))
		status = add_unflushed(queue, session, appends, count, err);
	if (is_committed(status))
		session->next_seq += count;
	return status;
}

enum fr_status fr_queue_append_all(struct fr_queue *queue, struct fr_session *session,
				   const struct fr_append *appends, unsigned count,
				   struct fr_error *err)
{
	struct fr_error own = {0};
	enum fr_status status;

	if (err == NULL)
		err = &own;
	for (int attempt = 0; attempt < 2; attempt++) {
		status = fr_db_enter(queue, err);
		if (status != FR_OK)
			return status;
		status = append_locked(queue, session, appends, count, err);
		fr_db_unlock(queue);
		if (is_committed(status) || !queue->suspect) /* the second entry looks, and heals */
			break;
		session->row = 0;
	}
	return status;
}

enum fr_status fr_queue_append(struct fr_queue *queue, struct fr_session *session,
			       const struct fr_append *append, int64_t *id, struct fr_error *err)
{
	enum fr_status status = fr_queue_append_all(queue, session, append, 1, err);

	if (id != NULL && is_committed(status))
		*id = sqlite3_last_insert_rowid(queue->db);
	return status;
}

static enum fr_status refused_add(struct fr_queue *queue, const struct fr_refused *refused,
				  unsigned count, struct fr_error *err)
{
	int64_t now_us = fr_env_wall_us(queue->env);
	enum fr_status status = fr_db_begin(queue, err);

	if (status != FR_OK)
		return status;
	for (unsigned i = 0; status == FR_OK && i < count; i++)
		status = fr_db_run(queue, FR_QUERY_add_refused, err, "ssii", refused[i].reason,
				   refused[i].name, now_us, (int64_t)refused[i].events);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_commit, err, "");
	if (status != FR_OK)
		fr_db_rollback(queue);
	return status;
}

enum fr_status fr_queue_count_refused(struct fr_queue *queue, const struct fr_refused *refused,
				      unsigned count, struct fr_error *err)
{
	enum fr_status status = fr_db_enter(queue, err);

	if (status != FR_OK)
		return status;
	status = fr_room_for_note(queue, err);
	if (status == FR_OK)
		status = refused_add(queue, refused, count, err);
	fr_db_unlock(queue);
	return status;
}

enum fr_status fr_queue_is_finished(struct fr_queue *queue, int64_t id, bool *finished,
				    struct fr_error *err)
{
	int64_t holding = 0;
	enum fr_status status;

	if (queue->db == NULL || fr_queue_has_moved(queue))
		return fr_fail(err, FR_NONE, "%s: was moved or deleted", queue->path);
	status = fr_db_get(queue, FR_QUERY_is_finished, &holding, err, "i", id);
	*finished = status == FR_OK && holding == 0;
	return status;
}

/* The happy path: connect opens the file through SQLite, sets what builds differ in (synchronous,
 * checkpoints off, secure_delete, ...), and from then on every statement is prepared once and reset
 * after each use.
 *
 * Failures: SQLite's codes become our statuses in fr_db_fail and nowhere else. A connection whose
 * settings could not be made is closed again: a queue with the wrong `synchronous` would promise
 * too much.
 */
#include "queue/db.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "flightrec_connection.h"
#include "queue/ballast.h"

static enum fr_status status_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return FR_BUSY;
	case SQLITE_FULL:
		return FR_FULL;
	case SQLITE_NOMEM:
		return FR_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_FORMAT:
		return FR_CORRUPT;
	case SQLITE_TOOBIG:
		return FR_TOO_LARGE;
	case SQLITE_IOERR:
		return code == SQLITE_IOERR_NOMEM       ? FR_NOMEM
		       : code == SQLITE_IOERR_CORRUPTFS ? FR_CORRUPT
							: FR_IO;
	default:
		return FR_IO;
	}
}

enum fr_status fr_db_fail(sqlite3 *db, int code, const char *doing, struct fr_error *err)
{
	return fr_fail(err, status_of(code), "%s: %s", doing,
		       db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
}

enum fr_status fr_db_fault(const struct fr_queue *queue)
{
	/* A statement of ours that makes no sense to SQLite met a schema that is not ours any more.
	 */
	return queue->failed_code == SQLITE_ERROR ? FR_CORRUPT : status_of(queue->failed_code);
}

enum fr_status fr_db_script(struct fr_queue *queue, const char *script, struct fr_error *err)
{
	int code = sqlite3_exec(queue->db, script, NULL, NULL, NULL);

	return code == SQLITE_OK ? FR_OK : fr_db_fail(queue->db, code, queue->path, err);
}

enum fr_status fr_db_set_durability(struct fr_queue *queue, bool power, struct fr_error *err)
{
	return fr_db_script(queue, power ? fr_sql_power : fr_sql_process, err);
}

enum fr_status fr_db_restore_durability(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status =
		fr_db_set_durability(queue, queue->agent || queue->durability == FR_POWER, err);

	queue->is_weak = status != FR_OK;
	return status;
}

static enum fr_status db_set_all(struct fr_queue *queue, struct fr_error *err)
{
	static const int switches[] = {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, SQLITE_DBCONFIG_DEFENSIVE};
	enum fr_status status;

	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		int code = sqlite3_db_config(queue->db, switches[i], 1, NULL);

		if (code != SQLITE_OK)
			return fr_db_fail(queue->db, code, queue->path, err);
	}
	status = fr_db_script(queue, fr_sql_settings, err);
	if (status != FR_OK)
		return status;
	return fr_db_restore_durability(queue, err);
}

enum fr_status fr_db_connect(struct fr_queue *queue, struct fr_error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	int code = sqlite3_open_v2(queue->path, &queue->db, flags, NULL);
	enum fr_status status;

	if (code != SQLITE_OK) {
		status = fr_db_fail(queue->db, code, queue->path, err);
	} else {
		sqlite3_extended_result_codes(queue->db, 1);
		fr_db_set_patient(queue, true);
		status = db_set_all(queue, err);
	}
	if (status != FR_OK)
		fr_db_disconnect(queue);
	return status;
}

enum fr_status fr_db_connect_memory(struct fr_queue *queue, struct fr_error *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	int code = sqlite3_open_v2(":memory:", &queue->db, flags, NULL);
	enum fr_status status = FR_OK;

	if (code != SQLITE_OK) {
		status = fr_db_fail(queue->db, code, "open a database in memory", err);
		fr_db_disconnect(queue);
	}
	return status;
}

void fr_db_disconnect(struct fr_queue *queue)
{
	for (int i = 0; i < FR_QUERY_COUNT; i++) {
		sqlite3_finalize(queue->statements[i]);
		queue->statements[i] = NULL;
	}
	(void)sqlite3_close(queue->db); /* cannot be busy: every statement is finalised */
	queue->db = NULL;
}

/* Our statements fit our schema, so an error in one, or a constraint that one meets, speaks of
 * damage as well. */
static void note_fault(struct fr_queue *queue, int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
		queue->suspect = true;
		break;
	default:
		break;
	}
	queue->failed_code = code;
}

sqlite3_stmt *fr_db_statement(struct fr_queue *queue, enum fr_query query, struct fr_error *err)
{
	sqlite3_stmt **statement = &queue->statements[query];

	if (*statement == NULL) {
		int code = sqlite3_prepare_v3(queue->db, fr_query_text(query), -1,
					      SQLITE_PREPARE_PERSISTENT, statement, NULL);

		if (code != SQLITE_OK) {
			note_fault(queue, code);
			(void)fr_fail(err, fr_db_fault(queue), "%s: %s", queue->path,
				      queue->db ? sqlite3_errmsg(queue->db) : sqlite3_errstr(code));
		}
	}
	return *statement;
}

static enum fr_status db_bind(struct fr_queue *queue, sqlite3_stmt *statement, struct fr_error *err,
			      const char *kinds, va_list arguments)
{
	for (int i = 0; kinds[i] != '\0'; i++) {
		const char *text;
		int code;

		switch (kinds[i]) {
		case 'i':
			code = sqlite3_bind_int64(statement, i + 1, va_arg(arguments, int64_t));
			break;
		case 's':
			text = va_arg(arguments, const char *);
			code = sqlite3_bind_text(statement, i + 1, text, -1, SQLITE_STATIC);
			break;
		default:
			code = sqlite3_bind_null(statement, i + 1);
			break;
		}
		if (code != SQLITE_OK)
			return fr_db_fail(queue->db, code, "bind", err);
	}
	return FR_OK;
}

enum fr_status fr_db_bind(struct fr_queue *queue, sqlite3_stmt *statement, struct fr_error *err,
			  const char *kinds, ...)
{
	enum fr_status status;
	va_list arguments;

	va_start(arguments, kinds);
	status = db_bind(queue, statement, err, kinds, arguments);
	va_end(arguments);
	return status;
}

enum fr_status fr_db_step(struct fr_queue *queue, sqlite3_stmt *statement, struct fr_error *err)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return FR_OK;
	if (code == SQLITE_DONE)
		return FR_NONE;
	note_fault(queue, sqlite3_extended_errcode(queue->db));
	if ((code & 0xff) == SQLITE_FULL && queue->agent) {
		(void)fr_ballast_drop(queue);  /* the next attempt finds room ... */
		queue->log_must_shrink = true; /* ... and makes more of it before it uses any */
	}
	return fr_db_fail(queue->db, code, queue->path, err);
}

void fr_db_finish(sqlite3_stmt *statement)
{
	if (statement != NULL) {
		(void)sqlite3_reset(statement); /* repeats the error that the step already told */
		(void)sqlite3_clear_bindings(statement);
	}
}

/* Leaves the statement on its first row. */
static enum fr_status db_first(struct fr_queue *queue, sqlite3_stmt *statement,
			       struct fr_error *err, const char *kinds, va_list arguments)
{
	enum fr_status status = db_bind(queue, statement, err, kinds, arguments);

	return status == FR_OK ? fr_db_step(queue, statement, err) : status;
}

enum fr_status fr_db_run(struct fr_queue *queue, enum fr_query query, struct fr_error *err,
			 const char *kinds, ...)
{
	sqlite3_stmt *statement = fr_db_statement(queue, query, err);
	enum fr_status status;
	va_list arguments;

	if (statement == NULL)
		return fr_db_fault(queue);
	va_start(arguments, kinds);
	status = db_first(queue, statement, err, kinds, arguments);
	va_end(arguments);
	while (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_db_get(struct fr_queue *queue, enum fr_query query, int64_t *out,
			 struct fr_error *err, const char *kinds, ...)
{
	sqlite3_stmt *statement = fr_db_statement(queue, query, err);
	enum fr_status status;
	va_list arguments;

	if (statement == NULL)
		return fr_db_fault(queue);
	va_start(arguments, kinds);
	status = db_first(queue, statement, err, kinds, arguments);
	va_end(arguments);
	if (status == FR_OK && sqlite3_column_type(statement, 0) == SQLITE_NULL)
		status = FR_NONE;
	if (status == FR_OK)
		*out = sqlite3_column_int64(statement, 0);
	fr_db_finish(statement);
	return status;
}

enum fr_status fr_db_may_write(struct fr_queue *queue, struct fr_error *err)
{
	int64_t min_writer = 0;
	enum fr_status status = fr_db_get(queue, FR_QUERY_select_meta, &min_writer, err, "");

	if (status == FR_OK && min_writer > FR_SCHEMA_VERSION)
		return fr_fail(
			err, FR_TOO_NEW,
			"%s: written by a newer release, which says that this one (schema %d) "
			"may not write it; please upgrade",
			queue->path, FR_SCHEMA_VERSION);
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_db_begin(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status;

	/* The way out is made sure of before the way in: preparing takes memory. */
	if (fr_db_statement(queue, FR_QUERY_rollback, err) == NULL ||
	    fr_db_statement(queue, FR_QUERY_commit, err) == NULL)
		return fr_db_fault(queue);
	fr_db_rollback(queue);
	status = fr_db_run(queue, FR_QUERY_begin, err, "");
	if (status == FR_OK)
		status = fr_db_may_write(queue, err);
	if (status != FR_OK)
		fr_db_rollback(queue);
	return status;
}

void fr_db_rollback(struct fr_queue *queue)
{
	if (sqlite3_get_autocommit(queue->db) == 0)
		(void)fr_db_run(queue, FR_QUERY_rollback, NULL, "");
}

const char *fr_db_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text ? (const char *)text : "";
}

int64_t fr_db_changes(struct fr_queue *queue)
{
	return sqlite3_changes(queue->db);
}

void fr_db_set_patient(struct fr_queue *queue, bool patient)
{
	sqlite3_busy_timeout(queue->db, patient ? (int)queue->left_ms : 0);
}

/* Both locks are waited for within the same time. */
static enum fr_status lock_first(struct fr_queue *queue, struct fr_error *err)
{
	int64_t began_us = fr_env_boot_us(queue->env), waited_ms;
	enum fr_status status = fr_lock_acquire(queue->lock, queue->busy_ms, err);

	if (status != FR_OK)
		return status;
	waited_ms = (fr_env_boot_us(queue->env) - began_us) / 1000;
	queue->left_ms = waited_ms < queue->busy_ms ? queue->busy_ms - (unsigned)waited_ms : 0;
	if (queue->db != NULL)
		fr_db_set_patient(queue, true);
	return FR_OK;
}

enum fr_status fr_db_lock(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status = queue->lock_depth == 0 ? lock_first(queue, err) : FR_OK;

	if (status == FR_OK)
		queue->lock_depth++;
	return status;
}

void fr_db_unlock(struct fr_queue *queue)
{
	queue->lock_depth--;
	if (queue->lock_depth == 0)
		fr_lock_release(queue->lock);
}

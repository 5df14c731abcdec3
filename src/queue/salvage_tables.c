/* The happy path: open the copy with SQLite, read each table from its beginning, write each row.
 *
 * Failures: a table whose reading fails somewhere is read from its end too, until it fails again.
 * A row that the new file refuses (a value no column of that type can have) is left out. A copy
 * that cannot be opened at all gives nothing; its pages may.
 *
 * The copy is read by a connection of its own and without a transaction: inside one, or attached to
 * the new file, the first bad page would make everything after it unreadable too.
 */
#include "flightrec_salvage.h"
#include "queue/salvage_read.h"

struct table {
	const char *read;
	const char *read_back; /* NULL: small, from the beginning only */
	const char *write;
};

enum { BOOKS = 4 }; /* the first so many tables are the books */

static const struct table tables[] = {
	{fr_sql_read_sequence, NULL, fr_sql_write_sequence},
	{fr_sql_read_queue, NULL, fr_sql_write_queue},
	{fr_sql_read_sinks, NULL, fr_sql_write_sink},
	{fr_sql_read_ledger, NULL, fr_sql_write_ledger},
	{fr_sql_read_batches, NULL, fr_sql_write_batch},
	{fr_sql_read_sessions_up, fr_sql_read_sessions_down, fr_sql_write_session},
	{fr_sql_read_dead_letters_up, fr_sql_read_dead_letters_down, fr_sql_write_dead_letter},
	{fr_sql_read_retries, NULL, fr_sql_write_retry},
	{fr_sql_read_events_up, fr_sql_read_events_down, fr_sql_write_event},
	{fr_sql_read_history, NULL, fr_sql_write_history},
	{fr_sql_read_sent, NULL, fr_sql_write_sent},
	{fr_sql_read_refused, NULL, fr_sql_write_refused},
	{fr_sql_read_incidents, NULL, fr_sql_write_incident},
};

/* A later release may have added columns behind ours; they are left out. */
static enum fr_status copy_row(struct fr_queue *into, sqlite3_stmt *row, sqlite3_stmt *write,
			       struct fr_error *err)
{
	int columns = sqlite3_bind_parameter_count(write);
	int code = SQLITE_OK;

	for (int i = 0; code == SQLITE_OK && i < columns; i++)
		code = sqlite3_bind_value(write, i + 1, sqlite3_column_value(row, i));
	if (code == SQLITE_OK)
		code = sqlite3_step(write);
	(void)sqlite3_reset(write); /* repeats what the step told */
	(void)sqlite3_clear_bindings(write);
	if (code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT)
		return FR_OK;
	return fr_db_fail(into->db, code, "salvage", err);
}

/* Copies rows until the end or until the copy cannot be read any further; *whole: it was the end.
 */
static enum fr_status copy_rows(struct fr_queue *into, sqlite3 *copy, const char *read,
				sqlite3_stmt *write, bool *whole, struct fr_error *err)
{
	sqlite3_stmt *row = NULL;
	enum fr_status status = FR_OK;
	int code = sqlite3_prepare_v2(copy, read, -1, &row, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(row);
		if (code == SQLITE_ROW)
			status = copy_row(into, row, write, err);
		if (status != FR_OK)
			break;
	}
	*whole = code == SQLITE_DONE;
	if (status == FR_OK && (code & 0xff) == SQLITE_NOMEM)
		status = fr_fail(err, FR_NOMEM, "salvage: out of memory");
	(void)sqlite3_finalize(row);
	return status;
}

static enum fr_status copy_table(struct fr_queue *into, sqlite3 *copy, const struct table *table,
				 bool *whole, struct fr_error *err)
{
	sqlite3_stmt *write = NULL;
	int code = sqlite3_prepare_v2(into->db, table->write, -1, &write, NULL);
	enum fr_status status;
	bool end;

	if (code != SQLITE_OK)
		return fr_db_fail(into->db, code, "salvage", err);
	status = copy_rows(into, copy, table->read, write, &end, err);
	*whole = *whole && end;
	if (status == FR_OK && !end && table->read_back != NULL)
		status = copy_rows(into, copy, table->read_back, write, &end, err);
	(void)sqlite3_finalize(write);
	return status;
}

/* NULL when there is no memory for it, or no file. An empty one is not opened: SQLite would delete
 * the WAL beside it, whose pages may hold events. */
static sqlite3 *open_copy(const char *path)
{
	sqlite3 *copy = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;

	if (fr_file_size(path) == 0)
		return NULL;
	if (sqlite3_open_v2(path, &copy, flags, NULL) == SQLITE_OK) {
		(void)sqlite3_db_config(copy, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		(void)sqlite3_exec(copy, fr_sql_source, NULL, NULL, NULL); /* as far as it goes */
		return copy;
	}
	(void)sqlite3_close(copy);
	return NULL;
}

enum fr_status fr_salvage_tables(struct fr_queue *into, const char *path, bool *whole,
				 struct fr_error *err)
{
	sqlite3 *copy = open_copy(path);
	enum fr_status status = FR_OK;

	*whole = copy != NULL;
	for (size_t i = 0; status == FR_OK && copy != NULL && i < sizeof tables / sizeof *tables;
	     i++)
		status = copy_table(into, copy, &tables[i], whole, err);
	(void)sqlite3_close(copy);
	return status;
}

enum fr_status fr_salvage_books(struct fr_queue *into, struct fr_queue *from, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	int64_t newest = 0;
	bool whole = true;

	for (size_t i = 0; status == FR_OK && i < BOOKS; i++)
		status = copy_table(into, from->db, &tables[i], &whole, err);
	if (status == FR_OK && !whole)
		status = fr_fail(err, FR_CORRUPT, "%s: the books cannot be read", from->path);
	if (status == FR_OK)
		status = fr_db_get(from, FR_QUERY_select_last_id, &newest, err, "");
	if (status == FR_OK && newest > 0)
		status = fr_db_run(into, FR_QUERY_insert_stub, err, "i", newest);
	return status;
}

/* SQLite's own check of pages and indexes, and then what it cannot know: the text of our schema. A
 * bit that was flipped in a CREATE TABLE may leave a file that is sound and refuses every event.
 *
 * Failures: memory, the disk or a lock may keep us from looking; that is no damage.
 */
#include "queue/health.h"

#include <string.h>

#include "queue/create.h"

enum { SCHEMA_COLUMNS = 3 };

static enum fr_status check_pages(struct fr_queue *queue, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_integrity_check, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_step(queue, statement, err);
	if (status == FR_OK && strcmp(fr_db_text(statement, 0), "ok") != 0)
		status = fr_fail(err, FR_CORRUPT, "%s: %s", queue->path, fr_db_text(statement, 0));
	fr_db_finish(statement);
	return status;
}

/* One row further in both; FR_NONE at the end of both. */
static enum fr_status compare_step(struct fr_queue *queue, sqlite3_stmt *ours,
				   struct fr_queue *model, sqlite3_stmt *right,
				   struct fr_error *err)
{
	enum fr_status status = fr_db_step(queue, ours, err);
	enum fr_status expected = fr_db_step(model, right, err);

	if ((status != FR_OK && status != FR_NONE) || (expected != FR_OK && expected != FR_NONE))
		return err->status;
	for (int i = 0; status == expected && status == FR_OK && i < SCHEMA_COLUMNS; i++)
		if (strcmp(fr_db_text(ours, i), fr_db_text(right, i)) != 0)
			expected = FR_NONE;
	if (status != expected)
		return fr_fail(err, FR_CORRUPT, "%s: its schema is damaged", queue->path);
	return status;
}

/* The schema as the file has it against one that was made just now. */
static enum fr_status compare_schema(struct fr_queue *queue, struct fr_queue *model,
				     struct fr_error *err)
{
	sqlite3_stmt *ours = fr_db_statement(queue, FR_QUERY_select_schema, err);
	sqlite3_stmt *right = ours ? fr_db_statement(model, FR_QUERY_select_schema, err) : NULL;
	enum fr_status status = FR_OK;

	if (right == NULL)
		return err->status;
	while (status == FR_OK)
		status = compare_step(queue, ours, model, right, err);
	fr_db_finish(ours);
	fr_db_finish(right);
	return status == FR_NONE ? FR_OK : status;
}

static enum fr_status check_schema(struct fr_queue *queue, struct fr_error *err)
{
	struct fr_queue model = {.env = queue->env, .path = ":memory:"};
	int64_t version = 0;
	enum fr_status status = fr_db_get(queue, FR_QUERY_select_user_version, &version, err, "");

	if (status != FR_OK || version != FR_SCHEMA_VERSION) /* a later release knows its own */
		return status;
	status = fr_db_connect_memory(&model, err);
	if (status == FR_OK)
		status = fr_queue_build_schema(&model, err);
	if (status == FR_OK)
		status = compare_schema(queue, &model, err);
	fr_db_disconnect(&model);
	return status;
}

enum fr_status fr_health_check(struct fr_queue *queue, struct fr_error *err)
{
	enum fr_status status = check_pages(queue, err);

	return status == FR_OK ? check_schema(queue, err) : status;
}

/* How fast events come and what one takes: what a queue can still hold is reckoned from it. */
#include "queue/room.h"
#include "queue/snapshot.h"

/* What a row takes beside its name and its properties, measured. */
enum { ROW_BYTES = 110 };

static enum fr_status pages_in_use(struct fr_queue *queue, int64_t *pages, struct fr_error *err)
{
	int64_t all = 0, spare = 0;
	enum fr_status status = fr_db_get(queue, FR_QUERY_select_page_count, &all, err, "");

	if (status == FR_OK)
		status = fr_db_get(queue, FR_QUERY_select_freelist_count, &spare, err, "");
	*pages = all - spare;
	return status;
}

/* The earlier of two times, where 0 is none. */
static int64_t earlier(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

int64_t fr_queue_database_bytes(int64_t max_bytes)
{
	return fr_room_database_bytes(max_bytes);
}

enum fr_status fr_snapshot_pace(struct fr_snapshot *snapshot, int64_t since_us,
				struct fr_queue_pace *out, struct fr_error *err)
{
	struct fr_queue *queue = &snapshot->queue;
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_pace, err);
	int64_t pages = 0, bytes;
	enum fr_status status;

	*out = (struct fr_queue_pace){0};
	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "i", since_us);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		out->recorded = sqlite3_column_int64(statement, 0);
		out->known_since_us = earlier(sqlite3_column_int64(statement, 1),
					      sqlite3_column_int64(statement, 2));
		bytes = sqlite3_column_int64(statement, 3);
		out->event_bytes = bytes > 0 ? bytes + ROW_BYTES : 0;
	}
	fr_db_finish(statement);
	if (status == FR_OK)
		status = pages_in_use(queue, &pages, err);
	out->used_bytes = pages * FR_PAGE_BYTES;
	return status;
}

/* Reading what was sent. A file that no agent of this release has opened yet has no table for it,
 * and nothing to tell. */
#include "queue/snapshot.h"

enum { SENT_SINCE_VERSION = 4 };

enum column {
	COLUMN_SINK,
	COLUMN_BATCH,
	COLUMN_TIME,
	COLUMN_STATUS,
	COLUMN_EVENTS,
	COLUMN_ACCEPTED,
	COLUMN_BYTES,
	COLUMN_NAMES,
	COLUMN_BODY,
};

static enum fr_status walk(struct fr_queue *queue, sqlite3_stmt *row, fr_on_sent *on_sent,
			   void *context, struct fr_error *err)
{
	enum fr_status status;

	while ((status = fr_db_step(queue, row, err)) == FR_OK) {
		const struct fr_sent sent = {
			.sink = fr_db_text(row, COLUMN_SINK),
			.batch = fr_db_text(row, COLUMN_BATCH),
			.time_us = sqlite3_column_int64(row, COLUMN_TIME),
			.status = sqlite3_column_int(row, COLUMN_STATUS),
			.events = sqlite3_column_int64(row, COLUMN_EVENTS),
			.accepted = sqlite3_column_int64(row, COLUMN_ACCEPTED),
			.bytes = sqlite3_column_int64(row, COLUMN_BYTES),
			.names = fr_db_text(row, COLUMN_NAMES),
			.body = (const char *)sqlite3_column_text(row, COLUMN_BODY),
		};

		if (!on_sent(context, &sent))
			break;
	}
	return status == FR_NONE ? FR_OK : status;
}

enum fr_status fr_snapshot_sent(struct fr_snapshot *snapshot, const char *sink, size_t last,
				fr_on_sent *on_sent, void *context, struct fr_error *err)
{
	struct fr_queue *queue = &snapshot->queue;
	sqlite3_stmt *statement;
	int64_t version = 0;
	enum fr_status status = fr_db_get(queue, FR_QUERY_select_user_version, &version, err, "");

	if (status != FR_OK || version < SENT_SINCE_VERSION)
		return status;
	statement = fr_db_statement(queue, FR_QUERY_select_sent, err);
	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "si", sink, (int64_t)last);
	if (status == FR_OK)
		status = walk(queue, statement, on_sent, context, err);
	fr_db_finish(statement);
	return status;
}

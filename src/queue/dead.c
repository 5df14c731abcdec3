#include "queue/dead.h"

#include "queue/ledger.h"

enum { SHARE = 8, DROPPED_MOST = 200 }; /* of one step, so that a transaction stays small */

struct letter {
	int64_t id;
	int64_t sink;
	int64_t weight;
	int64_t bytes;
};

static enum fr_status find_oldest(struct fr_queue *queue, struct letter *letter,
				  struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_oldest_dead, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		letter->id = sqlite3_column_int64(statement, 0);
		letter->sink = sqlite3_column_int64(statement, 1);
		letter->weight = sqlite3_column_int64(statement, 2);
		letter->bytes = sqlite3_column_int64(statement, 3);
	}
	fr_db_finish(statement);
	return status;
}

static enum fr_status drop(struct fr_queue *queue, const struct letter *letter,
			   struct fr_error *err)
{
	enum fr_status status =
		fr_ledger_book(queue, letter->sink, FR_LEDGER_DEAD, "", -letter->weight, err);

	if (status == FR_OK)
		status = fr_ledger_book(queue, letter->sink, FR_LEDGER_DROPPED, "full",
					letter->weight, err);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_dead_letter, err, "i", letter->id);
	return status;
}

enum fr_status fr_dead_trim(struct fr_queue *queue, struct fr_error *err)
{
	int64_t bytes = 0;
	enum fr_status status = fr_db_get(queue, FR_QUERY_sum_dead_bytes, &bytes, err, "");

	for (int i = 0; i < DROPPED_MOST && status == FR_OK && bytes > queue->max_bytes / SHARE;
	     i++) {
		struct letter letter = {0};

		status = find_oldest(queue, &letter, err);
		if (status == FR_OK)
			status = drop(queue, &letter, err);
		bytes -= letter.bytes;
	}
	return status == FR_NONE ? FR_OK : status;
}

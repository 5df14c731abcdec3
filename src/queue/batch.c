/* An open batch, read back: after a crash the same events in the same order come out of it.
 *
 * Failures: a member whose row is gone (somebody deleted it by hand) is counted in `missing`; the
 * batch can then not be sent as it was and must be renewed.
 */
#include "queue/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "queue/db.h"
#include "queue/events.h"

void fr_batch_free(struct fr_batch *batch)
{
	if (batch == NULL)
		return;
	fr_events_free(batch->events, batch->count);
	free(batch);
}

enum fr_status fr_batch_seal(struct fr_queue *queue, struct fr_batch *batch, unsigned encoder,
			     const char digest[FR_CHECKSUM_HEX], struct fr_error *err)
{
	enum fr_status status = fr_db_run(queue, FR_QUERY_seal_batch, err, "isis", batch->row,
					  batch->uuid, (int64_t)encoder, digest);

	if (status != FR_OK)
		return status;
	if (fr_db_changes(queue) == 0)
		return fr_fail(err, FR_NONE, "batch %s is not open any more", batch->uuid);
	batch->encoder = encoder;
	(void)fr_text_copy(batch->digest, sizeof batch->digest, digest);
	batch->maybe_taken = true;
	return FR_OK;
}

enum fr_status fr_batch_open_ids(struct fr_queue *queue, int64_t sink, int64_t *rows, size_t limit,
				 size_t *count, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_open_batches, err);
	int64_t all = 0;
	size_t n = 0;
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "ii", sink, (int64_t)limit);
	while (status == FR_OK && (status = fr_db_step(queue, statement, err)) == FR_OK)
		rows[n++] = sqlite3_column_int64(statement, 0);
	fr_db_finish(statement);
	if (status == FR_NONE)
		status = fr_db_get(queue, FR_QUERY_count_open_batches, &all, err, "i", sink);
	*count = (size_t)all;
	return status;
}

/* Reads the row of the batch; *members is a copy of its JSON array, freed by the caller. */
static enum fr_status load_row(struct fr_queue *queue, struct fr_batch *batch, char **members,
			       size_t *expected, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_batch, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "i", batch->row);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		(void)fr_text_copy(batch->uuid, sizeof batch->uuid, fr_db_text(statement, 0));
		batch->sink = sqlite3_column_int64(statement, 1);
		batch->of_dead = strcmp(fr_db_text(statement, 2), "dead") == 0;
		*members = strdup(fr_db_text(statement, 3));
		batch->claimed_us = sqlite3_column_int64(statement, 4);
		batch->encoder = (unsigned)sqlite3_column_int(statement, 5);
		(void)fr_text_copy(batch->digest, sizeof batch->digest, fr_db_text(statement, 6));
		batch->maybe_taken = sqlite3_column_int(statement, 7) != 0;
		*expected = (size_t)sqlite3_column_int64(statement, 8);
		batch->weight = (size_t)sqlite3_column_int64(statement, 10);
		batch->missing_weight = (size_t)sqlite3_column_int64(statement, 9);
		if (*members == NULL)
			status = fr_fail(err, FR_NOMEM, "load batch: out of memory");
	}
	fr_db_finish(statement);
	return status;
}

static enum fr_status load_member(struct fr_queue *queue, enum fr_query query, int64_t id,
				  struct fr_events *events, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, query, err);
	struct fr_event event;
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "i", id);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	if (status == FR_OK) {
		status = fr_event_view(&event, statement, err);
		if (status == FR_OK)
			status = fr_events_add(events, &event, err);
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

/* Members are written by us as [1,2,3]; whatever else somebody wrote there ends the list. */
static enum fr_status load_members(struct fr_queue *queue, const struct fr_batch *batch,
				   const char *members, struct fr_events *events,
				   struct fr_error *err)
{
	enum fr_query query = batch->of_dead ? FR_QUERY_select_dead_letter : FR_QUERY_select_event;
	enum fr_status status = FR_OK;
	const char *at = members;

	assert(members != NULL);
	while (status == FR_OK && (*at == '[' || *at == ',')) {
		char *end = NULL;
		int64_t id = strtoll(at + 1, &end, 10);

		assert(end != NULL); /* strtoll always says where it stopped */
		if (end == at + 1)
			break;
		status = load_member(queue, query, id, events, err);
		at = end;
	}
	return status;
}

/* From what the row says: of dead letters what all weighed and what those that are here weigh. */
static void batch_weigh(struct fr_batch *batch)
{
	size_t all = batch->missing_weight;

	if (!batch->of_dead)
		batch->weight = batch->count;
	if (!batch->of_dead)
		batch->missing_weight = batch->missing;
	else
		batch->missing_weight = all > batch->weight ? all - batch->weight : 0;
}

enum fr_status fr_batch_load(struct fr_queue *queue, int64_t row, struct fr_batch **out,
			     struct fr_error *err)
{
	struct fr_batch *batch = calloc(1, sizeof *batch);
	struct fr_events events = {0};
	char *members = NULL;
	size_t expected = 0;
	enum fr_status status;

	*out = NULL;
	if (batch == NULL)
		return fr_fail(err, FR_NOMEM, "load batch: out of memory");
	batch->row = row;
	status = load_row(queue, batch, &members, &expected, err);
	if (status == FR_OK)
		status = load_members(queue, batch, members, &events, err);
	batch->events = events.rows;
	batch->count = events.count;
	batch->missing = expected > events.count ? expected - events.count : 0;
	batch_weigh(batch);
	free(members);
	if (status == FR_OK) {
		*out = batch;
		batch = NULL;
	}
	fr_batch_free(batch);
	return status;
}

/* Reading dead letters. One statement finds them all, oldest first; what it cannot say by itself is
 * whether any event of a bundle has a name, which is asked for each bundle whose first has not.
 */
#include <string.h>

#include "queue/events.h"
#include "queue/snapshot.h"

enum column {
	COLUMN_SINK = FR_EVENT_COLUMNS,
	COLUMN_ENDED,
	COLUMN_DIED,
	COLUMN_STATUS,
	COLUMN_REASON,
	COLUMN_ANSWER,
	COLUMN_EVENT,
	COLUMN_BUNDLE,
	COLUMN_EVENTS,
	COLUMN_LOST,
	COLUMN_ASKED,
	COLUMN_IN_BATCH,
};

static enum fr_status letter_view(struct fr_letter *out, sqlite3_stmt *row, struct fr_error *err)
{
	*out = (struct fr_letter){
		.sink = fr_db_text(row, COLUMN_SINK),
		.sink_has_ended = sqlite3_column_int(row, COLUMN_ENDED) != 0,
		.died_us = sqlite3_column_int64(row, COLUMN_DIED),
		.status = sqlite3_column_int(row, COLUMN_STATUS),
		.reason = fr_db_text(row, COLUMN_REASON),
		.answer = fr_db_text(row, COLUMN_ANSWER),
		.bundle = sqlite3_column_int64(row, COLUMN_BUNDLE),
		.events = sqlite3_column_int64(row, COLUMN_EVENTS),
		.lost = sqlite3_column_int64(row, COLUMN_LOST),
		.asked_us = sqlite3_column_int64(row, COLUMN_ASKED),
		.is_in_batch = sqlite3_column_int(row, COLUMN_IN_BATCH) != 0,
	};
	enum fr_status status = fr_event_view(&out->event, row, err);

	out->id = out->event.id;
	out->event.id = sqlite3_column_int64(row, COLUMN_EVENT);
	return status;
}

static enum fr_status bundle_has_name(struct fr_queue *queue, int64_t bundle, const char *glob,
				      bool *has, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_bundle_names, err);
	enum fr_status status;

	*has = false;
	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "i", bundle);
	while (status == FR_OK && !*has) {
		status = fr_db_step(queue, statement, err);
		if (status == FR_OK)
			*has = fr_glob_matches(glob, fr_db_text(statement, 0));
	}
	fr_db_finish(statement);
	return status == FR_NONE ? FR_OK : status;
}

static enum fr_status passes(struct fr_queue *queue, const struct fr_letter_filter *filter,
			     const struct fr_letter *letter, bool *does, struct fr_error *err)
{
	const char *glob = filter->name_glob;

	*does = (filter->sink == NULL || strcmp(filter->sink, letter->sink) == 0) &&
		letter->died_us >= filter->since_us &&
		(filter->before_us == 0 || letter->died_us < filter->before_us);
	if (!*does || glob == NULL || fr_glob_matches(glob, letter->event.name))
		return FR_OK;
	*does = false;
	return letter->bundle != 0 ? bundle_has_name(queue, letter->bundle, glob, does, err)
				   : FR_OK;
}

struct visit {
	const struct fr_letter_filter *filter;
	fr_on_letter *on_letter;
	void *context;
};

static enum fr_status walk(struct fr_queue *queue, sqlite3_stmt *statement,
			   const struct visit *visit, struct fr_error *err)
{
	enum fr_status status;

	while ((status = fr_db_step(queue, statement, err)) == FR_OK) {
		struct fr_letter letter;
		bool is_meant = false;

		status = letter_view(&letter, statement, err);
		if (status == FR_OK)
			status = passes(queue, visit->filter, &letter, &is_meant, err);
		if (status != FR_OK || (is_meant && !visit->on_letter(visit->context, &letter)))
			break;
	}
	return status == FR_NONE ? FR_OK : status;
}

static enum fr_status visit_all(struct fr_queue *queue, enum fr_query query, int64_t id,
				const struct visit *visit, struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, query, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "i", id);
	if (status == FR_OK)
		status = walk(queue, statement, visit, err);
	fr_db_finish(statement);
	return status;
}

enum fr_status fr_snapshot_letters(struct fr_snapshot *snapshot,
				   const struct fr_letter_filter *filter, fr_on_letter *on_letter,
				   void *context, struct fr_error *err)
{
	const struct visit visit = {filter, on_letter, context};

	return visit_all(&snapshot->queue, FR_QUERY_select_letters, filter->after_id, &visit, err);
}

enum fr_status fr_snapshot_letter(struct fr_snapshot *snapshot, int64_t id, fr_on_letter *on_letter,
				  void *context, struct fr_error *err)
{
	static const struct fr_letter_filter all = {0};
	const struct visit visit = {&all, on_letter, context};

	return visit_all(&snapshot->queue, FR_QUERY_select_letter_rows, id, &visit, err);
}

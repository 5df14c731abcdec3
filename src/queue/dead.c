/* The happy path: a letter is looked up with what it weighs; to ask for it makes a row in
 * dead_retry, to drop it moves its weight in the books and deletes its rows.
 *
 * Failures: a step is one transaction; what came before a failed one is done and tallied. A letter
 * that is in a batch is left alone: its answer may be on the way.
 */
#include "queue/dead.h"

#include "base/crash.h"
#include "queue/dead_parts.h"
#include "queue/ledger.h"
#include "queue/room.h"
#include "queue/sweep.h"

enum { SHARE = 8, DROPPED_MOST = 200 }; /* of one step, so that a transaction stays small */

struct letter {
	int64_t id;
	int64_t sink;
	int64_t bundle; /* 0: it is a letter of its own */
	int64_t events;
	int64_t weight;
	int64_t bytes;
	bool has_ended; /* its sink */
	bool is_busy;
};

/* FR_NONE: there is no such letter. */
static enum fr_status find_letter(struct fr_queue *queue, int64_t id, struct letter *out,
				  struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_letter, err);
	enum fr_status status;

	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "i", id);
	if (status == FR_OK)
		status = fr_db_step(queue, statement, err);
	if (status == FR_OK)
		*out = (struct letter){
			.id = id,
			.sink = sqlite3_column_int64(statement, 0),
			.has_ended = sqlite3_column_int(statement, 1) != 0,
			.bundle = sqlite3_column_int64(statement, 2),
			.events = sqlite3_column_int64(statement, 3),
			.weight = sqlite3_column_int64(statement, 4),
			.bytes = sqlite3_column_int64(statement, 5),
			.is_busy = sqlite3_column_int(statement, 6) != 0,
		};
	fr_db_finish(statement);
	return status == FR_OK && out->events == 0 ? FR_NONE : status;
}

static enum fr_status drop_letter(struct fr_queue *queue, const struct letter *letter,
				  const char *reason, struct fr_error *err)
{
	enum fr_status status =
		fr_ledger_book(queue, letter->sink, FR_LEDGER_DEAD, "", -letter->weight, err);

	if (status == FR_OK)
		status = fr_ledger_book(queue, letter->sink, FR_LEDGER_DROPPED, reason,
					letter->weight, err);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_letter_retry, err, "iii", letter->sink,
				   letter->id, letter->bundle);
	if (status == FR_OK)
		status = fr_db_run(queue, FR_QUERY_delete_letter, err, "ii", letter->id,
				   letter->bundle);
	return status;
}

enum fr_status fr_dead_trim(struct fr_queue *queue, struct fr_error *err)
{
	int64_t bytes = 0, id = 0;
	enum fr_status status = fr_db_get(queue, FR_QUERY_sum_dead_bytes, &bytes, err, "");

	for (int i = 0; i < DROPPED_MOST && status == FR_OK && bytes > queue->max_bytes / SHARE;
	     i++) {
		struct letter letter = {0};

		status = fr_db_get(queue, FR_QUERY_select_oldest_dead, &id, err, "");
		if (status == FR_OK)
			status = find_letter(queue, id, &letter, err);
		if (status == FR_OK)
			status = drop_letter(queue, &letter, "full", err);
		bytes -= letter.bytes;
	}
	return status == FR_NONE ? FR_OK : status;
}

/* ---- on request ---- */

/* What is done to each letter; counts it where it cannot be done. */
typedef enum fr_status letter_act(struct fr_queue *queue, const struct letter *letter,
				  struct fr_dead_tally *tally, struct fr_error *err);

static void tally_add(struct fr_dead_tally *tally, const struct letter *letter)
{
	tally->letters++;
	tally->events += letter->events;
	tally->lost += letter->weight;
}

static enum fr_status ask(struct fr_queue *queue, const struct letter *letter,
			  struct fr_dead_tally *tally, struct fr_error *err)
{
	enum fr_status status;

	if (letter->has_ended) {
		tally->ended++;
		return FR_OK;
	}
	status = fr_db_run(queue, FR_QUERY_insert_retry, err, "iii", letter->id, letter->bundle,
			   fr_env_wall_us(queue->env));
	if (status == FR_OK)
		tally_add(tally, letter);
	return status;
}

static enum fr_status purge(struct fr_queue *queue, const struct letter *letter,
			    struct fr_dead_tally *tally, struct fr_error *err)
{
	enum fr_status status = drop_letter(queue, letter, "purged", err);

	if (status == FR_OK)
		tally_add(tally, letter);
	return status;
}

/* What is still to be done. */
struct work {
	letter_act *act;
	const int64_t *letters;
	size_t count;
	struct fr_dead_tally tally;
};

/* As many letters as go into one transaction, one at least. */
static enum fr_status step(struct fr_queue *queue, struct work *work, struct fr_error *err)
{
	int64_t bytes_left = fr_room_step_bytes(queue), events = 0;
	struct fr_dead_tally *tally = &work->tally;
	enum fr_status status = FR_OK;

	while (work->count > 0 && events < FR_SWEEP_ROWS && bytes_left > 0) {
		struct letter letter = {0};

		status = find_letter(queue, *work->letters, &letter, err);
		if (status == FR_NONE)
			tally->gone++;
		else if (status == FR_OK && letter.is_busy)
			tally->busy++;
		else if (status == FR_OK)
			status = work->act(queue, &letter, tally, err);
		if (status != FR_OK && status != FR_NONE)
			return status;
		work->letters++;
		work->count--;
		events += letter.events;
		bytes_left -= letter.bytes;
	}
	return FR_OK;
}

static enum fr_status act_on_all(struct fr_queue *queue, letter_act *act, const int64_t *letters,
				 size_t count, struct fr_dead_tally *tally, struct fr_error *err)
{
	struct work work = {.act = act, .letters = letters, .count = count};
	enum fr_status status = FR_OK;

	*tally = (struct fr_dead_tally){0};
	while (status == FR_OK && work.count > 0) {
		status = fr_queue_begin(queue, err);
		if (status == FR_OK)
			status = step(queue, &work, err);
		FR_CRASH_POINT("queue.dead.before_commit");
		if (status == FR_OK)
			status = fr_queue_commit(queue, err);
		if (status == FR_OK)
			*tally = work.tally;
		fr_queue_rollback(queue);
	}
	return status;
}

enum fr_status fr_dead_ask(struct fr_queue *queue, const int64_t *letters, size_t count,
			   struct fr_dead_tally *tally, struct fr_error *err)
{
	return act_on_all(queue, ask, letters, count, tally, err);
}

static enum fr_status age_out(struct fr_queue *queue, const struct letter *letter,
			      struct fr_dead_tally *tally, struct fr_error *err)
{
	enum fr_status status = drop_letter(queue, letter, "age", err);

	if (status == FR_OK)
		tally_add(tally, letter);
	return status;
}

enum fr_status fr_dead_drop_old(struct fr_queue *queue, int64_t limit_us, bool *more,
				struct fr_error *err)
{
	sqlite3_stmt *statement = fr_db_statement(queue, FR_QUERY_select_old_dead, err);
	int64_t letters[DROPPED_MOST] = {0};
	struct fr_dead_tally tally;
	enum fr_status status;
	size_t count = 0;

	*more = false;
	if (statement == NULL)
		return fr_db_fault(queue);
	status = fr_db_bind(queue, statement, err, "ii", limit_us, (int64_t)DROPPED_MOST);
	while (status == FR_OK && count < DROPPED_MOST &&
	       (status = fr_db_step(queue, statement, err)) == FR_OK)
		letters[count++] = sqlite3_column_int64(statement, 0);
	fr_db_finish(statement);
	if (status != FR_OK && status != FR_NONE)
		return status;
	status = act_on_all(queue, age_out, letters, count, &tally, err);
	*more = status == FR_OK && count == DROPPED_MOST && tally.busy < DROPPED_MOST;
	return status;
}

enum fr_status fr_dead_purge(struct fr_queue *queue, const int64_t *letters, size_t count,
			     struct fr_dead_tally *tally, struct fr_error *err)
{
	return act_on_all(queue, purge, letters, count, tally, err);
}

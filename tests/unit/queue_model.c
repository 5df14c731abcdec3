/* A random model of the queue: after every operation the books are recomputed from the rows, and
 * what the queue did with each event is compared with a plain C model that knows nothing of SQL.
 *
 * The model says, for each sink and event, where it is. An event may leave the file only when no
 * live sink has it before it, or by a limit. A frozen member never disappears; nothing is delivered
 * twice; nothing recorded under local is ever in a batch; a dead letter is sent again only when it
 * was asked for, and counts once whatever becomes of it. Seeds are fixed; FLIGHTREC_MODEL_ROUNDS
 * and FLIGHTREC_MODEL_SEED search further.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/db.h"
#include "queue/sweep.h"
#include "queue_model.h"
#include "support/test.h"

enum { OPERATIONS = 1500 };

const char *const model_sink_names[SINKS_MOST] = {"alpha", "beta", "gamma"};

static uint64_t next_random(struct model *model)
{
	model->random ^= model->random << 13;
	model->random ^= model->random >> 7;
	model->random ^= model->random << 17;
	return model->random;
}

unsigned model_below(struct model *model, unsigned limit)
{
	return (unsigned)(next_random(model) % limit);
}

/* ---- the operations ---- */

static void record_some(struct model *model)
{
	for (unsigned n = 1 + model_below(model, 12); n > 0 && model->last_id + 1 < EVENTS_MOST;
	     n--) {
		struct queue_event event = {
			.severity = (enum fr_severity)(FR_TRACE + model_below(model, 6)),
			.local = model_below(model, 5) == 0,
			.bytes = model_below(model, 300),
		};
		int64_t id = 0;

		MUST(model, queue_fixture_record(model->fixture, &event, &id));
		assert_int_equal(id, model->last_id + 1);
		model->last_id = id;
		model->here[id] = true;
		model->local[id] = event.local;
		for (unsigned s = 0; s < SINKS_MOST; s++)
			model->place[s][id] = model->live[s] ? WAITING : UNBORN;
	}
}

static void freeze(struct model *model, unsigned sink, const struct fr_batch *batch)
{
	struct model_batch *open = &model->open[model->open_count++];

	assert_true(model->open_count < OPEN_MOST && batch->count <= MEMBERS_MOST);
	open->row = batch->row;
	open->sink = sink;
	open->of_dead = batch->of_dead;
	open->count = batch->count;
	(void)fr_text_copy(open->uuid, sizeof open->uuid, batch->uuid);
	for (size_t i = 0; i < batch->count; i++) {
		int64_t id = model_event_of(model, batch, i);

		assert_false(model->local[id]);
		assert_int_equal(model->place[sink][id], batch->of_dead ? LETTER : WAITING);
		model->place[sink][id] = batch->of_dead ? RETRIED : FROZEN;
		open->ids[i] = id;
	}
}

static void claim(struct model *model)
{
	unsigned sink = model_below(model, SINKS_MOST);
	bool retries = model_has_asked(model, sink);
	struct fr_batch *batch;
	int64_t last = 0;

	if (!model->live[sink] || model->open_count + 2 >= OPEN_MOST)
		return;
	batch = queue_fixture_claim(model->fixture, model->sink_id[sink],
				    1 + model_below(model, 100));
	assert_int_equal(batch != NULL && batch->of_dead, retries);
	if (retries)
		model_check_retry(model, sink, batch);
	if (batch != NULL) {
		freeze(model, sink, batch);
		last = batch->events[batch->count - 1].id;
	}
	/* What the claim passed without wanting it is unwanted: local rows before its end, or all
	 * of them. */
	for (int64_t id = 1; !retries && id <= (batch ? last : model->last_id); id++)
		if (model->place[sink][id] == WAITING && model->local[id])
			model->place[sink][id] = UNWANTED;
	fr_batch_free(batch);
}

static struct fr_batch *load_open(struct model *model, size_t index)
{
	struct model_batch *open = &model->open[index];
	struct fr_batch *batch = NULL;

	MUST(model, fr_batch_load(model->fixture->queue, open->row, &batch, &model->fixture->err));
	assert_string_equal(batch->uuid, open->uuid);
	assert_int_equal(batch->count, open->count);
	assert_int_equal(batch->missing, 0);
	for (size_t i = 0; i < batch->count; i++)
		assert_int_equal(model_event_of(model, batch, i), open->ids[i]);
	return batch;
}

/* The batch is gone; its events are there, its letters are letters again. */
static void forget_open(struct model *model, size_t index, enum place place)
{
	struct model_batch *open = &model->open[index];

	for (size_t i = 0; i < open->count; i++)
		model->place[open->sink][open->ids[i]] = open->of_dead ? LETTER : place;
	model->open[index] = model->open[--model->open_count];
}

/* One event refused, or some and nobody knows which, or none. */
static void ack(struct model *model)
{
	struct fr_queue *queue = model->fixture->queue;
	struct fr_error *err = &model->fixture->err;
	struct fr_refusal refusal = {.reason = "bad", .status = 400, .answer = "no"};
	size_t index = model->open_count ? model_below(model, (unsigned)model->open_count) : 0;
	unsigned way = model_below(model, 6);
	bool stays[MEMBERS_MOST] = {false};
	struct fr_batch *batch;
	size_t lost = 0;

	if (model->open_count == 0)
		return;
	batch = load_open(model, index);
	MUST(model, fr_queue_begin(queue, err));
	if (way == 0) {
		lost = model_below(model, (unsigned)batch->count + 2);
		memset(stays, lost > 0, sizeof stays);
		MUST(model, fr_batch_ack_part(queue, batch, lost, &refusal, err));
	} else {
		refusal.index = model_below(model, (unsigned)batch->count);
		stays[refusal.index] = way == 1;
		lost = way == 1;
		MUST(model, fr_batch_ack(queue, batch, &refusal, lost, err));
	}
	MUST(model, fr_queue_commit(queue, err));
	model_settle(model, index, stays, lost);
	fr_batch_free(batch);
}

/* Whatever is open now and unknown to the model is what became of a batch. */
static void find_unknown(struct model *model, unsigned sink)
{
	struct fr_queue *queue = model->fixture->queue;
	struct fr_error *err = &model->fixture->err;
	int64_t rows[OPEN_MOST];
	struct fr_batch *batch;
	size_t count = 0;

	MUST(model, fr_batch_open_ids(queue, model->sink_id[sink], rows, OPEN_MOST, &count, err));
	for (size_t i = 0; i < count; i++) {
		bool known = false;

		for (size_t j = 0; j < model->open_count; j++)
			known = known || model->open[j].row == rows[i];
		if (known)
			continue;
		MUST(model, fr_batch_load(queue, rows[i], &batch, err));
		freeze(model, sink, batch);
		fr_batch_free(batch);
	}
}

/* Splits, renews or buries an open batch, in a transaction that sometimes is taken back. */
static void dissolve(struct model *model)
{
	struct fr_queue *queue = model->fixture->queue;
	struct fr_error *err = &model->fixture->err;
	struct fr_refusal why = {.reason = "too large", .status = 413};
	size_t index = model->open_count ? model_below(model, (unsigned)model->open_count) : 0;
	unsigned way = model_below(model, 3), sink;
	bool stays[MEMBERS_MOST];
	struct fr_batch *batch;
	bool buries;

	if (model->open_count == 0)
		return;
	batch = load_open(model, index);
	sink = model->open[index].sink;
	buries = way == 2 || (way == 0 && batch->count == 1);
	struct fr_claim wants = {.sink = batch->sink, .min_severity = FR_TRACE};
	MUST(model, fr_queue_begin(queue, err));
	if (buries)
		MUST(model, fr_batch_bury(queue, batch, &why, err));
	else if (way == 0)
		MUST(model, fr_batch_split(queue, batch, err));
	else
		MUST(model, fr_batch_renew(queue, batch, &wants, err));
	if (model_below(model, 4) == 0) {
		fr_queue_rollback(queue);
	} else {
		MUST(model, fr_queue_commit(queue, err));
		memset(stays, true, sizeof stays);
		if (buries)
			model_settle(model, index, stays, batch->count);
		else
			forget_open(model, index, WAITING);
	}
	fr_batch_free(batch);
	find_unknown(model, sink);
}

static void find_rows(const struct model *model, bool here[EVENTS_MOST])
{
	sqlite3_stmt *statement;

	memset(here, 0, EVENTS_MOST * sizeof *here);
	assert_int_equal(sqlite3_prepare_v2(model->fixture->queue->db,
					    "SELECT id FROM event WHERE name <> ''", -1, &statement,
					    NULL),
			 SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW)
		here[sqlite3_column_int64(statement, 0)] = true;
	(void)sqlite3_finalize(statement);
}

/* A new sink sees what is still there once the others' finished rows have been swept. */
static void set_sinks(struct model *model)
{
	static bool here[EVENTS_MOST];
	struct fr_sink_want wants[SINKS_MOST];
	bool was_live[SINKS_MOST];
	size_t count = 0;

	memcpy(was_live, model->live, sizeof was_live);
	for (unsigned s = 0; s < SINKS_MOST; s++) {
		model->live[s] = model_below(model, 3) != 0;
		if (model->live[s])
			wants[count++] = (struct fr_sink_want){model_sink_names[s], "file", 0};
		else
			memset(model->asked[s], 0, sizeof model->asked[s]);
	}
	MUST(model, fr_sinks_set(model->fixture->queue, wants, count, &model->fixture->err));
	find_rows(model, here);
	for (unsigned s = 0, w = 0; s < SINKS_MOST; s++) {
		if (model->live[s])
			model->sink_id[s] = wants[w++].id;
		for (int64_t id = 1; id <= model->last_id; id++) {
			enum place *place = &model->place[s][id];

			if (was_live[s] && !model->live[s] &&
			    (*place == WAITING || *place == FROZEN))
				*place = DROPPED;
			if (!was_live[s] && model->live[s] && *place == UNBORN && here[id])
				*place = WAITING;
		}
	}
	for (size_t i = model->open_count; i > 0; i--)
		if (!model->live[model->open[i - 1].sink])
			forget_open(model, i - 1, DROPPED);
}

static void evict(struct model *model)
{
	int64_t evicted = 0;

	MUST(model, fr_sweep_evict(model->fixture->queue, 1 + model_below(model, 30), &evicted,
				   &model->fixture->err));
}

static void purge(struct model *model)
{
	int64_t events = 0;

	MUST(model, fr_queue_purge(model->fixture->queue, &events, &model->fixture->err));
	for (unsigned s = 0; s < SINKS_MOST; s++)
		for (int64_t id = 1; id <= model->last_id; id++)
			if (model->place[s][id] != UNBORN && model->place[s][id] != DELIVERED &&
			    model->place[s][id] != UNWANTED)
				model->place[s][id] = DROPPED;
	memset(model->asked, 0, sizeof model->asked);
	model->open_count = 0;
}

static void tidy(struct model *model)
{
	struct fr_upkeep upkeep = {.idle = model_below(model, 2) == 0};

	test_world_pass(&model->fixture->world, 3600 * INT64_C(1000000));
	MUST(model, fr_queue_upkeep(model->fixture->queue, &upkeep, &model->fixture->err));
}

static void reopen(struct model *model)
{
	queue_fixture_reopen(model->fixture);
}

/* ---- what must hold after each ---- */

static void books_balance(struct model *model)
{
	static const enum fr_query checks[] = {FR_QUERY_verify_books, FR_QUERY_verify_rows,
					       FR_QUERY_verify_dead, FR_QUERY_verify_batches,
					       FR_QUERY_verify_frozen};
	struct fr_queue *queue = model->fixture->queue;

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		sqlite3_stmt *statement = fr_db_statement(queue, checks[i], &model->fixture->err);

		assert_non_null(statement);
		if (fr_db_step(queue, statement, &model->fixture->err) != FR_NONE)
			fail_msg("%s finds: %s %s %s", fr_query_text(checks[i]),
				 fr_db_text(statement, 0), fr_db_text(statement, 1),
				 fr_db_text(statement, 2));
		fr_db_finish(statement);
	}
}

/* Takes over which rows are still here, and says whether each was allowed to go. */
static void rows_left_rightly(struct model *model, bool by_limit)
{
	static bool here[EVENTS_MOST];

	find_rows(model, here);
	for (int64_t id = 1; id <= model->last_id; id++) {
		assert_false(here[id] && !model->here[id]); /* nothing comes back */
		if (here[id] || !model->here[id])
			continue;
		model->here[id] = false;
		for (unsigned s = 0; s < SINKS_MOST; s++) {
			assert_int_not_equal(model->place[s][id], FROZEN);
			if (!by_limit && model->live[s])
				assert_int_not_equal(model->place[s][id], WAITING);
			if (model->place[s][id] == WAITING)
				model->place[s][id] = model->local[id] ? UNWANTED : DROPPED;
			if (model->place[s][id] == UNBORN)
				model->place[s][id] = DROPPED; /* it will never see it */
		}
	}
}

struct operation {
	void (*run)(struct model *model);
	unsigned weight;
	bool by_limit;
};

static const struct operation operations[] = {
	{record_some, 28, false},
	{claim, 28, false},
	{ack, 20, false},
	{dissolve, 8, false},
	{set_sinks, 2, false},
	{evict, 3, true},
	{purge, 1, true},
	{tidy, 3, false},
	{reopen, 2, false},
	{model_ask, 4, false},
	{model_purge_letters, 1, false},
};

static const struct operation *choose(struct model *model)
{
	unsigned at = model_below(model, 100);

	for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
		if (at < operations[i].weight)
			return &operations[i];
		at -= operations[i].weight;
	}
	return &operations[0];
}

static unsigned long setting(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void run_model(uint64_t seed)
{
	struct model *model = calloc(1, sizeof *model);
	void *state = NULL;

	assert_non_null(model);
	(void)queue_fixture_set_up(&state);
	model->fixture = state;
	model->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (int i = 0; i < OPERATIONS; i++) {
		const struct operation *operation = choose(model);

		operation->run(model);
		books_balance(model);
		rows_left_rightly(model, operation->by_limit);
		model_letters_agree(model);
	}
	(void)queue_fixture_tear_down(&state);
	free(model);
}

static void the_books_balance_after_every_operation(void **state)
{
	unsigned long rounds = setting("FLIGHTREC_MODEL_ROUNDS", 8);
	unsigned long seed = setting("FLIGHTREC_MODEL_SEED", 1);

	(void)state;
	for (unsigned long i = 0; i < rounds; i++) {
		print_message("seed %lu\n", seed + i);
		run_model(seed + i);
	}
	assert_true(rounds > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_books_balance_after_every_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The dead letters of the model. A bundle is what an answer left of which it is not known which
 * events it refused: its number is that of the batch. */
#include <stdio.h>
#include <string.h>

#include "queue/db.h"
#include "queue/dead.h"
#include "queue_model.h"
#include "support/test.h"

static int64_t ask_queue(struct model *model, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t answer = -1;

	assert_int_equal(sqlite3_prepare_v2(model->fixture->queue->db, sql, -1, &statement, NULL),
			 SQLITE_OK);
	if (sqlite3_step(statement) == SQLITE_ROW)
		answer = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return answer;
}

int64_t model_event_of(struct model *model, const struct fr_batch *batch, size_t i)
{
	char sql[128];

	if (!batch->of_dead)
		return batch->events[i].id;
	(void)snprintf(sql, sizeof sql, "SELECT event FROM dead_letter WHERE id = %lld",
		       (long long)batch->events[i].id);
	return ask_queue(model, sql);
}

bool model_has_asked(const struct model *model, unsigned sink)
{
	for (int64_t id = 1; id <= model->last_id; id++)
		if (model->asked[sink][id])
			return true;
	return false;
}

void model_check_retry(struct model *model, unsigned sink, const struct fr_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		int64_t id = model_event_of(model, batch, i);

		assert_true(model->asked[sink][id]);
		assert_int_equal(model->bundle[sink][id],
				 model->bundle[sink][model_event_of(model, batch, 0)]);
		model->asked[sink][id] = false;
	}
}

/* Of an event that is no letter yet everything counts. */
static bool member_counts(const struct model *model, const struct model_batch *open, size_t i)
{
	return !open->of_dead || model->counts[open->sink][open->ids[i]];
}

void model_settle(struct model *model, size_t index, const bool *stays, size_t most)
{
	struct model_batch open = model->open[index];
	size_t weight = 0, dead = 0;
	bool bundled = false;

	for (size_t i = 0; i < open.count; i++)
		weight += member_counts(model, &open, i);
	most = most < weight ? most : weight;
	for (size_t i = open.count; i > 0; i--) {
		int64_t id = open.ids[i - 1];

		model->place[open.sink][id] = stays[i - 1] ? LETTER : DELIVERED;
		model->counts[open.sink][id] = stays[i - 1] && dead < most;
		dead += model->counts[open.sink][id];
		bundled = bundled || (stays[i - 1] && !model->counts[open.sink][id]);
	}
	for (size_t i = 0; i < open.count; i++)
		model->bundle[open.sink][open.ids[i]] = bundled ? open.row : 0;
	model->delivered[open.sink] += (int64_t)(weight - dead);
	model->open[index] = model->open[--model->open_count];
}

/* ---- the operations ---- */

struct picked {
	int64_t letters[MEMBERS_MOST];
	size_t count;
	unsigned sinks[MEMBERS_MOST];
	int64_t events[MEMBERS_MOST];
};

/* Some of the letters that are in no batch; a bundle by any of its events. */
static void pick(struct model *model, struct picked *picked)
{
	sqlite3_stmt *statement;

	picked->count = 0;
	assert_int_equal(sqlite3_prepare_v2(model->fixture->queue->db,
					    "SELECT d.id, k.name, d.event FROM dead_letter d "
					    "JOIN sink k ON k.id = d.sink",
					    -1, &statement, NULL),
			 SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW && picked->count < MEMBERS_MOST) {
		const char *name = fr_db_text(statement, 1);
		unsigned sink = 0;

		while (strcmp(model_sink_names[sink], name) != 0)
			sink++;
		if (model_below(model, 8) != 0)
			continue;
		picked->letters[picked->count] = sqlite3_column_int64(statement, 0);
		picked->sinks[picked->count] = sink;
		picked->events[picked->count++] = sqlite3_column_int64(statement, 2);
	}
	(void)sqlite3_finalize(statement);
}

/* The events that go with one: itself, or all of its bundle. */
static bool goes_with(const struct model *model, unsigned sink, int64_t one, int64_t other)
{
	return one == other ||
	       (model->bundle[sink][one] != 0 &&
		(model->place[sink][other] == LETTER || model->place[sink][other] == RETRIED) &&
		model->bundle[sink][one] == model->bundle[sink][other]);
}

/* Is any of the bundle on its way out? */
static bool is_busy(const struct model *model, unsigned sink, int64_t event)
{
	for (int64_t id = 1; id <= model->last_id; id++)
		if (goes_with(model, sink, event, id) && model->place[sink][id] == RETRIED)
			return true;
	return false;
}

void model_ask(struct model *model)
{
	struct fr_dead_tally tally;
	struct picked picked;

	pick(model, &picked);
	MUST(model, fr_dead_ask(model->fixture->queue, picked.letters, picked.count, &tally,
				&model->fixture->err));
	for (size_t i = 0; i < picked.count; i++) {
		unsigned sink = picked.sinks[i];

		if (!model->live[sink] || is_busy(model, sink, picked.events[i]))
			continue;
		for (int64_t id = 1; id <= model->last_id; id++)
			if (goes_with(model, sink, picked.events[i], id))
				model->asked[sink][id] = true;
	}
	assert_int_equal(tally.gone, 0);
}

void model_purge_letters(struct model *model)
{
	struct fr_dead_tally tally;
	struct picked picked;

	pick(model, &picked);
	MUST(model, fr_dead_purge(model->fixture->queue, picked.letters, picked.count, &tally,
				  &model->fixture->err));
	for (size_t i = 0; i < picked.count; i++) {
		unsigned sink = picked.sinks[i];
		int64_t event = picked.events[i];

		if (model->place[sink][event] != LETTER || is_busy(model, sink, event))
			continue;
		for (int64_t id = 1; id <= model->last_id; id++) {
			if (id == event || !goes_with(model, sink, event, id))
				continue;
			model->place[sink][id] = DROPPED;
			model->asked[sink][id] = false;
		}
		model->place[sink][event] = DROPPED;
		model->asked[sink][event] = false;
	}
}

/* ---- what must hold ---- */

static int64_t count_letters(const struct model *model, unsigned sink, bool only_dead)
{
	int64_t count = 0;

	for (int64_t id = 1; id <= model->last_id; id++) {
		enum place place = model->place[sink][id];

		if (only_dead)
			count += place == LETTER && model->counts[sink][id];
		else
			count += place == LETTER || place == RETRIED;
	}
	return count;
}

static int64_t booked(struct model *model, unsigned sink, const char *kind)
{
	char sql[256];

	(void)snprintf(sql, sizeof sql,
		       "SELECT coalesce(sum(events), 0) FROM ledger_entry WHERE kind = '%s' AND "
		       "sink = (SELECT id FROM sink WHERE name = '%s')",
		       kind, model_sink_names[sink]);
	return ask_queue(model, sql);
}

void model_letters_agree(struct model *model)
{
	int64_t kept = 0;

	for (unsigned s = 0; s < SINKS_MOST; s++) {
		assert_int_equal(booked(model, s, "delivered"), model->delivered[s]);
		assert_int_equal(booked(model, s, "dead"), count_letters(model, s, true));
		kept += count_letters(model, s, false);
	}
	assert_int_equal(ask_queue(model, "SELECT count(*) FROM dead_letter"), kept);
	assert_int_equal(ask_queue(model, "SELECT dead_bytes FROM queue"),
			 ask_queue(model, "SELECT coalesce(sum(length(properties) + "
					  "length(answer) + 512), 0) FROM dead_letter"));
}

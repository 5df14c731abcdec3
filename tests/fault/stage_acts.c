/* The calls that are tried. What a call acknowledged is noted when it returned. */
#include <string.h>

#include "fault/stage.h"
#include "queue/dead.h"
#include "queue/inspect.h"
#include "queue/sent.h"
#include "support/test.h"

/* ---- recording ---- */

static void prepare_record(struct stage *stage)
{
	for (size_t i = 0; i < STAGE_MANY; i++)
		assert_int_equal(fr_uuid7(stage->uuids[i], &stage->fixture->world.env,
					  stage->fixture->world.wall_us, NULL),
				 FR_OK);
}

static struct fr_append append_of(const struct stage *stage, size_t i)
{
	return (struct fr_append){
		.uuid = stage->uuids[i],
		.draft = &stage->draft,
		.time_us = stage->fixture->world.wall_us,
		.sendable = true,
	};
}

/* Notes what the queue acknowledged: the seqs that it took. */
static enum fr_status note(struct stage *stage, int64_t before, enum fr_status status)
{
	int64_t after = stage->fixture->session.next_seq;

	if (status != FR_OK && status != FR_UNCERTAIN) {
		assert_int_equal(after, before);
		return status;
	}
	stage->uncertain += status == FR_UNCERTAIN;
	for (int64_t seq = before; seq < after; seq++) {
		assert_false(stage->acknowledged[seq]);
		stage->acknowledged[seq] = true;
	}
	return FR_OK;
}

static enum fr_status run_record(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	struct fr_append append = append_of(stage, 0);
	int64_t before = fixture->session.next_seq, id;

	return note(
		stage, before,
		fr_queue_append(fixture->queue, &fixture->session, &append, &id, &fixture->err));
}

enum fr_status stage_record(struct stage *stage)
{
	prepare_record(stage);
	return run_record(stage);
}

static void prepare_first_record(struct stage *stage)
{
	prepare_record(stage);
	stage->fixture->session.row = 0; /* its row is looked for, and found, in a transaction */
}

static enum fr_status run_record_many(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	struct fr_append appends[STAGE_MANY];
	int64_t before = fixture->session.next_seq;

	for (size_t i = 0; i < STAGE_MANY; i++)
		appends[i] = append_of(stage, i);
	return note(stage, before,
		    fr_queue_append_all(fixture->queue, &fixture->session, appends, STAGE_MANY,
					&fixture->err));
}

static enum fr_status run_count_refused(struct stage *stage)
{
	static const struct fr_refused refused[] = {{"limited", "tool_use_error", 1},
						    {"undeclared", "other", 2}};

	return fr_queue_count_refused(stage->fixture->queue, refused, 2, &stage->fixture->err);
}

/* ---- the agent's transactions ---- */

enum fr_status stage_claim(struct stage *stage, size_t most)
{
	struct queue_fixture *fixture = stage->fixture;
	struct fr_claim wants = {.sink = stage->sink,
				 .max_events = most,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE};
	char digest[FR_CHECKSUM_HEX] = "0";
	struct fr_batch *batch = NULL;
	bool more;
	enum fr_status status =
		fr_batch_claim(fixture->queue, &wants, &batch, &more, &fixture->err);

	if (status == FR_OK)
		status = fr_batch_seal(fixture->queue, batch, 1, digest, &fixture->err);
	fr_batch_free(stage->batch);
	stage->batch = batch;
	return status;
}

/* FR_NONE, nothing to claim, is committed too: the cursor moved. */
static enum fr_status end(struct stage *stage, enum fr_status status)
{
	struct queue_fixture *fixture = stage->fixture;

	if (status == FR_OK || status == FR_NONE)
		status = fr_queue_commit(fixture->queue, &fixture->err);
	fr_queue_rollback(fixture->queue);
	return status;
}

static enum fr_status run_claim(struct stage *stage)
{
	enum fr_status status = fr_queue_begin(stage->fixture->queue, &stage->fixture->err);

	return status == FR_OK ? end(stage, stage_claim(stage, STAGE_IN_BATCH)) : status;
}

enum fr_status stage_load(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	int64_t row = 0;
	size_t open = 0;
	enum fr_status status =
		fr_batch_open_ids(fixture->queue, stage->sink, &row, 1, &open, &fixture->err);

	fr_batch_free(stage->batch);
	stage->batch = NULL;
	if (status == FR_OK && row == 0)
		return FR_NONE;
	return status == FR_OK ? fr_batch_load(fixture->queue, row, &stage->batch, &fixture->err)
			       : status;
}

static enum fr_status run_load(struct stage *stage)
{
	return stage_load(stage);
}

static void prepare_loaded(struct stage *stage)
{
	assert_int_equal(stage_load(stage), FR_OK);
}

/* The seqs of a batch that is about to leave. */
struct leaving {
	int64_t seqs[STAGE_IN_BATCH];
	size_t count;
};

static struct leaving leaving_of(const struct fr_batch *batch)
{
	struct leaving leaving = {.count = batch->count};

	assert_true(batch->count <= STAGE_IN_BATCH);
	for (size_t i = 0; i < batch->count; i++)
		leaving.seqs[i] = batch->events[i].seq;
	return leaving;
}

static enum fr_status left(struct stage *stage, const struct leaving *leaving,
			   enum fr_status status)
{
	for (size_t i = 0; status == FR_OK && i < leaving->count; i++)
		stage->is_out[leaving->seqs[i]] = true;
	return status;
}

static enum fr_status note_sent(struct stage *stage)
{
	const struct fr_sent_note note = {.batch = stage->batch,
					  .accepted = stage->batch->count,
					  .status = 200,
					  .body_bytes = 2,
					  .body = "[]"};

	return fr_sent_add(stage->fixture->queue, &note, &stage->fixture->err);
}

static enum fr_status run_ack(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	struct leaving leaving = {.count = 0};
	enum fr_status status = fr_queue_begin(fixture->queue, &fixture->err);

	if (status != FR_OK)
		return status;
	status = stage_load(stage);
	if (status == FR_OK) {
		leaving = leaving_of(stage->batch);
		status = fr_batch_ack(fixture->queue, stage->batch, NULL, 0, &fixture->err);
	}
	if (status == FR_OK)
		status = note_sent(stage);
	if (status == FR_OK)
		status = stage_claim(stage, STAGE_IN_BATCH);
	return left(stage, &leaving, end(stage, status));
}

static enum fr_status run_bury(struct stage *stage)
{
	const struct fr_refusal why = {.reason = "schema", .status = 400, .answer = "no"};
	struct queue_fixture *fixture = stage->fixture;
	struct leaving leaving = {.count = 0};
	enum fr_status status = fr_queue_begin(fixture->queue, &fixture->err);

	if (status != FR_OK)
		return status;
	status = stage_load(stage);
	if (status == FR_OK) {
		leaving = leaving_of(stage->batch);
		status = fr_batch_bury(fixture->queue, stage->batch, &why, &fixture->err);
	}
	return left(stage, &leaving, end(stage, status));
}

/* ---- dead letters ---- */

static const int64_t letters[STAGE_IN_BATCH] = {1, 2, 3, 4, 5};

static void prepare_letters(struct stage *stage)
{
	assert_int_equal(run_bury(stage), FR_OK);
}

/* From here on they will be delivered after all. */
static enum fr_status run_ask(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	struct fr_dead_tally tally;
	enum fr_status status =
		fr_dead_ask(fixture->queue, letters, STAGE_IN_BATCH, &tally, &fixture->err);

	for (size_t i = 0; status == FR_OK && i < stage->batch->count; i++)
		stage->is_out[stage->batch->events[i].seq] = false;
	return status;
}

static void prepare_asked(struct stage *stage)
{
	prepare_letters(stage);
	assert_int_equal(run_ask(stage), FR_OK);
}

static enum fr_status run_purge_letters(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	struct fr_dead_tally tally;
	enum fr_status status =
		fr_dead_purge(fixture->queue, letters, STAGE_IN_BATCH, &tally, &fixture->err);

	if (status == FR_OK)
		assert_int_equal(tally.letters + tally.gone, STAGE_IN_BATCH);
	return status;
}

static enum fr_status run_split(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	enum fr_status status = fr_queue_begin(fixture->queue, &fixture->err);

	if (status != FR_OK)
		return status;
	status = stage_load(stage);
	if (status == FR_OK)
		status = fr_batch_refused(fixture->queue, stage->batch, &fixture->err);
	if (status == FR_OK && stage->batch->count > 1)
		status = fr_batch_split(fixture->queue, stage->batch, &fixture->err);
	return end(stage, status);
}

/* ---- upkeep, opening, looking ---- */

static enum fr_status run_upkeep(struct stage *stage)
{
	struct fr_upkeep upkeep = {.idle = true};

	return fr_queue_upkeep(stage->fixture->queue, &upkeep, &stage->fixture->err);
}

static enum fr_status run_sinks(struct stage *stage)
{
	struct fr_sink_want wants[] = {{"a", "first_party", 0}, {"other", "datadog", 0}};

	return fr_sinks_set(stage->fixture->queue, wants, 2, &stage->fixture->err);
}

static enum fr_status run_open(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;

	fr_queue_close(fixture->queue);
	return fr_queue_open(&fixture->queue, &fixture->options, &fixture->err);
}

static bool on_event(void *context, const struct fr_event *event)
{
	(void)event;
	++*(int *)context;
	return true;
}

static bool on_sent(void *context, const struct fr_sent *sent)
{
	(void)sent;
	++*(int *)context;
	return true;
}

static enum fr_status run_look(struct stage *stage)
{
	const struct fr_event_filter all = {.min_severity = FR_TRACE};
	struct queue_fixture *fixture = stage->fixture;
	struct fr_snapshot *snapshot = NULL;
	struct fr_queue_facts facts;
	int seen = 0, sent = 0;
	enum fr_status status = fr_snapshot_open(&snapshot, fixture->folder.path,
						 &fixture->world.env, &fixture->err);

	if (status == FR_OK)
		status = fr_snapshot_facts(snapshot, &facts, &fixture->err);
	if (status == FR_OK)
		status = fr_snapshot_events(snapshot, &all, on_event, &seen, &fixture->err);
	if (status == FR_OK)
		status = fr_snapshot_sent(snapshot, NULL, 10, on_sent, &sent, &fixture->err);
	fr_snapshot_close(snapshot);
	if (status == FR_OK)
		assert_int_equal(seen, facts.queued);
	return status;
}

const struct stage_act stage_acts[] = {
	{"make a queue", NULL, run_open, true, false, true},
	{"open a queue", NULL, run_open, false, false, true},
	{"open a damaged queue", NULL, run_open, false, true, true},
	{"record", prepare_record, run_record, false, false, false},
	{"record the first of a session", prepare_first_record, run_record, false, false, false},
	{"record many", prepare_record, run_record_many, false, false, false},
	{"count a refusal", NULL, run_count_refused, false, false, false},
	{"claim", NULL, run_claim, false, false, false},
	{"load a batch", NULL, run_load, false, false, false},
	{"ack and claim", prepare_loaded, run_ack, false, false, false},
	{"bury", NULL, run_bury, false, false, false},
	{"ask for letters", prepare_letters, run_ask, false, false, false},
	{"claim letters", prepare_asked, run_claim, false, false, false},
	{"purge letters", prepare_letters, run_purge_letters, false, false, false},
	{"split", NULL, run_split, false, false, false},
	{"upkeep", NULL, run_upkeep, false, false, false},
	{"set sinks", NULL, run_sinks, false, false, false},
	{"look", NULL, run_look, false, false, true},
};
const size_t stage_act_count = sizeof stage_acts / sizeof *stage_acts;

#include "fault/stage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/db.h"
#include "queue/inspect.h"
#include "support/test.h"

enum { PLAIN = 20, TEXT_BYTES = 600, EXTRA = 2, IN_BATCH = 5, VERIFY_EVERY = 8 };

static const char *const file_names[2] = {"queue.db", "queue.db-wal"};

#define MUST(stage, what, call)                                                          \
	do {                                                                             \
		if ((call) != FR_OK)                                                     \
			fail_msg("%s: %s: %s", what, #call, (stage)->fixture->err.text); \
	} while (0)

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
	return fr_queue_count_refused(stage->fixture->queue, "limit", "tool_use_error",
				      &stage->fixture->err);
}

/* ---- the agent's transactions ---- */

static enum fr_status claim(struct stage *stage, size_t most)
{
	struct queue_fixture *fixture = stage->fixture;
	struct fr_claim wants = {.sink = stage->sink,
				 .max_events = most,
				 .max_bytes = 1 << 20,
				 .min_severity = FR_TRACE};
	char digest[FR_DIGEST_HEX] = "0";
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

	return status == FR_OK ? end(stage, claim(stage, IN_BATCH)) : status;
}

/* The oldest open batch, FR_NONE when there is none. */
static enum fr_status load(struct stage *stage)
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
	return load(stage);
}

static void prepare_loaded(struct stage *stage)
{
	MUST(stage, "prepare", load(stage));
}

/* The seqs of a batch that is about to leave. */
struct leaving {
	int64_t seqs[IN_BATCH];
	size_t count;
};

static struct leaving leaving_of(const struct fr_batch *batch)
{
	struct leaving leaving = {.count = batch->count};

	assert_true(batch->count <= IN_BATCH);
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

static enum fr_status run_ack(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	struct leaving leaving = {.count = 0};
	enum fr_status status = fr_queue_begin(fixture->queue, &fixture->err);

	if (status != FR_OK)
		return status;
	status = load(stage);
	if (status == FR_OK) {
		leaving = leaving_of(stage->batch);
		status = fr_batch_ack(fixture->queue, stage->batch, NULL, 0, &fixture->err);
	}
	if (status == FR_OK)
		status = claim(stage, IN_BATCH);
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
	status = load(stage);
	if (status == FR_OK) {
		leaving = leaving_of(stage->batch);
		status = fr_batch_bury(fixture->queue, stage->batch, &why, &fixture->err);
	}
	return left(stage, &leaving, end(stage, status));
}

static enum fr_status run_split(struct stage *stage)
{
	struct queue_fixture *fixture = stage->fixture;
	enum fr_status status = fr_queue_begin(fixture->queue, &fixture->err);

	if (status != FR_OK)
		return status;
	status = load(stage);
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

static enum fr_status run_look(struct stage *stage)
{
	const struct fr_event_filter all = {.min_severity = FR_TRACE};
	struct queue_fixture *fixture = stage->fixture;
	struct fr_snapshot *snapshot = NULL;
	struct fr_queue_facts facts;
	int seen = 0;
	enum fr_status status = fr_snapshot_open(&snapshot, fixture->folder.path,
						 &fixture->world.env, &fixture->err);

	if (status == FR_OK)
		status = fr_snapshot_facts(snapshot, &facts, &fixture->err);
	if (status == FR_OK)
		status = fr_snapshot_events(snapshot, &all, on_event, &seen, &fixture->err);
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
	{"split", NULL, run_split, false, false, false},
	{"upkeep", NULL, run_upkeep, false, false, false},
	{"set sinks", NULL, run_sinks, false, false, false},
	{"look", NULL, run_look, false, false, true},
};
const size_t stage_act_count = sizeof stage_acts / sizeof *stage_acts;

/* ---- the saved state ---- */

static void make_draft(struct fr_draft *draft)
{
	char text[TEXT_BYTES];

	memset(text, 'x', sizeof text);
	fr_draft_init(draft, 4 * TEXT_BYTES);
	fr_draft_set_name(draft, "tool_use_error");
	fr_draft_set_string(draft, "text", text, sizeof text);
	assert_int_equal(fr_draft_finish(draft, NULL, 0, NULL), FR_OK);
}

static void record_plain(struct stage *stage, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		prepare_record(stage);
		MUST(stage, "record", run_record(stage));
	}
}

static void save(struct stage *stage)
{
	fr_queue_close(stage->fixture->queue);
	stage->fixture->queue = NULL;
	for (size_t i = 0; i < 2; i++) {
		char path[TEST_PATH_MAX];

		(void)test_folder_path(&stage->fixture->folder, file_names[i], path);
		stage->saved.files[i].bytes = test_file_read(path, &stage->saved.files[i].length);
		assert_non_null(stage->saved.files[i].bytes);
	}
	stage->saved.session = stage->fixture->session;
}

void stage_make(struct stage *stage, enum fr_durability durability)
{
	struct fr_upkeep upkeep = {.idle = true};
	void *state = NULL;

	memset(stage, 0, sizeof *stage);
	assert_int_equal(queue_fixture_set_up(&state), 0);
	stage->fixture = state;
	stage->fixture->options.durability = durability;
	queue_fixture_reopen(stage->fixture);
	make_draft(&stage->draft);
	stage->sink = queue_fixture_sinks(stage->fixture, "a", NULL);
	record_plain(stage, PLAIN);
	queue_fixture_ack(stage->fixture,
			  queue_fixture_claim(stage->fixture, stage->sink, IN_BATCH));
	MUST(stage, "make", fr_queue_upkeep(stage->fixture->queue, &upkeep, &stage->fixture->err));
	fr_batch_free(queue_fixture_claim(stage->fixture, stage->sink, IN_BATCH));
	record_plain(stage, PLAIN);
	save(stage);
}

void stage_drop(struct stage *stage)
{
	void *state = stage->fixture;

	fr_batch_free(stage->batch);
	fr_draft_fini(&stage->draft);
	for (size_t i = 0; i < 2; i++)
		free(stage->saved.files[i].bytes);
	(void)queue_fixture_tear_down(&state);
}

static void write_file(const struct stage *stage, size_t i, bool damaged)
{
	char path[TEST_PATH_MAX];
	FILE *file = fopen(test_folder_path(&stage->fixture->folder, file_names[i], path), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(stage->saved.files[i].bytes, 1, stage->saved.files[i].length, file),
			 stage->saved.files[i].length);
	if (damaged) /* the page of sqlite_schema: nothing can be looked at without it */
		assert_true(fseek(file, 101, SEEK_SET) == 0 && fputs("damaged", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void stage_set(struct stage *stage, const struct stage_act *act)
{
	struct queue_fixture *fixture = stage->fixture;

	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	test_folder_remove(&fixture->folder);
	test_folder_make(&fixture->folder);
	fixture->options.home = fixture->folder.path;
	fixture->session = stage->saved.session;
	fr_batch_free(stage->batch);
	stage->batch = NULL;
	stage->uncertain = 0;
	memset(stage->acknowledged, 0, sizeof stage->acknowledged);
	memset(stage->is_out, 0, sizeof stage->is_out);
	if (act->is_home_empty) {
		fixture->session.row = 0;
		fixture->session.next_seq = 0;
	} else {
		write_file(stage, 0, act->is_home_damaged);
		write_file(stage, 1, false);
		memset(stage->acknowledged, true, (size_t)fixture->session.next_seq);
		memset(stage->is_out, true, IN_BATCH);
	}
	if (!act->is_closed)
		queue_fixture_reopen(fixture);
	if (act->prepare != NULL)
		act->prepare(stage);
}

/* ---- what must hold ---- */

/* A batch that was handed out has everything that was recorded. */
static void check_whole(const struct fr_batch *batch, const char *what)
{
	for (size_t i = 0; batch != NULL && i < batch->count; i++) {
		const struct fr_event *event = &batch->events[i];

		if (event->properties_length < TEXT_BYTES ||
		    strlen(event->properties) != (size_t)event->properties_length ||
		    strcmp(event->name, "tool_use_error") != 0 ||
		    strcmp(event->service, "editor") != 0 ||
		    strlen(event->session) != FR_UUID_TEXT - 1 ||
		    strlen(event->uuid) != FR_UUID_TEXT - 1)
			fail_msg("%s: event %lld is not whole", what, (long long)event->seq);
	}
}

/* Counts how often each seq is delivered from here on. */
static void deliver_all(struct stage *stage, const char *what, int times[STAGE_EVENTS_MOST])
{
	struct queue_fixture *fixture = stage->fixture;
	enum fr_status status = FR_OK;

	while (status == FR_OK) {
		MUST(stage, what, fr_queue_begin(fixture->queue, &fixture->err));
		status = load(stage);
		if (status == FR_NONE)
			status = claim(stage, 100);
		check_whole(stage->batch, what);
		for (size_t i = 0; status == FR_OK && i < stage->batch->count; i++)
			times[stage->batch->events[i].seq]++;
		if (status == FR_OK)
			status = fr_batch_ack(fixture->queue, stage->batch, NULL, 0, &fixture->err);
		if (status != FR_OK && status != FR_NONE)
			fail_msg("%s: deliver: %s", what, fixture->err.text);
		MUST(stage, what, fr_queue_commit(fixture->queue, &fixture->err));
	}
}

static void check_delivery(struct stage *stage, const char *what)
{
	static int times[STAGE_EVENTS_MOST];

	memset(times, 0, sizeof times);
	stage->sink = queue_fixture_sinks(stage->fixture, "a", NULL);
	deliver_all(stage, what, times);
	for (int seq = 0; seq < STAGE_EVENTS_MOST; seq++)
		if (times[seq] + stage->is_out[seq] != stage->acknowledged[seq])
			fail_msg("%s: event %d was delivered %d times, %s", what, seq,
				 times[seq] + stage->is_out[seq],
				 stage->acknowledged[seq] ? "acknowledged" : "never acknowledged");
}

static void check_durability(struct stage *stage, const char *what)
{
	sqlite3_stmt *statement = NULL;
	int expected = stage->fixture->options.durability == FR_POWER ? 2 : 1;

	assert_int_equal(sqlite3_prepare_v2(stage->fixture->queue->db, "PRAGMA synchronous", -1,
					    &statement, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	if (sqlite3_column_int(statement, 0) != expected)
		fail_msg("%s: synchronous is %d", what, sqlite3_column_int(statement, 0));
	(void)sqlite3_finalize(statement);
}

void stage_check(struct stage *stage, const struct stage_act *act, const char *what)
{
	check_whole(stage->batch, what);
	if (stage->fixture->queue == NULL && !act->is_closed)
		queue_fixture_reopen(stage->fixture);
	MUST(stage, what, act->run(stage));
	if (stage->fixture->queue == NULL)
		queue_fixture_reopen(stage->fixture);
	record_plain(stage, EXTRA);
	check_durability(stage, what);
	if (stage->checks++ % VERIFY_EVERY == 0) /* slow; and once more after all was delivered */
		queue_fixture_verify(stage->fixture);
	check_delivery(stage, what);
	queue_fixture_verify(stage->fixture);
}

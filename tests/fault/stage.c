#include "fault/stage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/db.h"
#include "support/test.h"

enum { PLAIN = 20, TEXT_BYTES = 600, EXTRA = 2, VERIFY_EVERY = 8 };

static const char *const file_names[2] = {"queue.db", "queue.db-wal"};

#define MUST(stage, what, call)                                                          \
	do {                                                                             \
		if ((call) != FR_OK)                                                     \
			fail_msg("%s: %s: %s", what, #call, (stage)->fixture->err.text); \
	} while (0)

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
		MUST(stage, "record", stage_record(stage));
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
	stage->fixture->options.keep_sent = FR_KEEP_BODIES;
	queue_fixture_reopen(stage->fixture);
	make_draft(&stage->draft);
	stage->sink = queue_fixture_sinks(stage->fixture, "a", NULL);
	record_plain(stage, PLAIN);
	queue_fixture_ack(stage->fixture,
			  queue_fixture_claim(stage->fixture, stage->sink, STAGE_IN_BATCH));
	MUST(stage, "make", fr_queue_upkeep(stage->fixture->queue, &upkeep, &stage->fixture->err));
	fr_batch_free(queue_fixture_claim(stage->fixture, stage->sink, STAGE_IN_BATCH));
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
		memset(stage->is_out, true, STAGE_IN_BATCH);
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
		status = stage_load(stage);
		if (status == FR_NONE)
			status = stage_claim(stage, 100);
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

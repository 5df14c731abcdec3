#include "support/queue_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/inspect.h"
#include "support/test.h"

static void new_session(struct queue_fixture *fixture)
{
	fixture->session =
		(struct fr_session){.service = "editor", .version = "1.2.3", .user_bucket = 5};
	assert_int_equal(
		fr_uuid7(fixture->session.uuid, &fixture->world.env, fixture->world.wall_us, NULL),
		FR_OK);
}

int queue_fixture_set_up(void **state)
{
	struct queue_fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	test_folder_make(&fixture->folder);
	test_world_init(&fixture->world);
	fixture->options = (struct fr_queue_options){
		.home = fixture->folder.path,
		.env = &fixture->world.env,
		.durability = FR_PROCESS,
		.max_bytes = FR_QUEUE_BYTES_DEFAULT,
		.busy_ms = 1000,
		.may_create = true,
	};
	new_session(fixture);
	queue_fixture_reopen(fixture);
	*state = fixture;
	return 0;
}

int queue_fixture_tear_down(void **state)
{
	struct queue_fixture *fixture = *state;

	fr_queue_close(fixture->queue);
	test_folder_remove(&fixture->folder);
	free(fixture);
	return 0;
}

void queue_fixture_reopen(struct queue_fixture *fixture)
{
	fr_queue_close(fixture->queue);
	if (fr_queue_open(&fixture->queue, &fixture->options, &fixture->err) != FR_OK)
		fail_msg("%s", fixture->err.text);
}

/* {"text":"xxx..."} of about so many bytes, as a finished draft. */
static void make_draft(struct fr_draft *draft, const struct queue_event *event)
{
	size_t length = event->bytes > 16 ? event->bytes - 16 : 1;
	char *text = malloc(length);

	assert_non_null(text);
	memset(text, 'x', length);
	fr_draft_init(draft, 1024 * 1024);
	fr_draft_set_name(draft, event->name ? event->name : "tool_use_error");
	fr_draft_set_string(draft, "text", text, length);
	if (event->severity != 0)
		fr_draft_set_severity(draft, event->severity);
	assert_int_equal(fr_draft_finish(draft, NULL, 0, NULL), FR_OK);
	free(text);
}

enum fr_status queue_fixture_record(struct queue_fixture *fixture, const struct queue_event *event,
				    int64_t *id)
{
	static const struct queue_event plain;
	char uuid[FR_UUID_TEXT];
	struct fr_draft draft;
	enum fr_status status;

	event = event ? event : &plain;
	make_draft(&draft, event);
	assert_int_equal(fr_uuid7(uuid, &fixture->world.env, fixture->world.wall_us, NULL), FR_OK);
	struct fr_append append = {
		.uuid = uuid,
		.draft = &draft,
		.time_us = fixture->world.wall_us,
		.sendable = !event->local,
		.internal = event->internal,
		.route = event->route,
	};
	status = fr_queue_append(fixture->queue, &fixture->session, &append, id, &fixture->err);
	fr_draft_fini(&draft);
	return status;
}

void queue_fixture_record_many(struct queue_fixture *fixture, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(queue_fixture_record(fixture, NULL, NULL), FR_OK);
}

int64_t queue_fixture_sinks(struct queue_fixture *fixture, const char *first, const char *second)
{
	struct fr_sink_want wants[2] = {{first, "first_party", 0}, {second, "first_party", 0}};
	size_t count = first == NULL ? 0 : second == NULL ? 1 : 2;

	if (fr_sinks_set(fixture->queue, wants, count, &fixture->err) != FR_OK)
		fail_msg("%s", fixture->err.text);
	return count == 0 ? 0 : wants[count - 1].id;
}

struct fr_batch *queue_fixture_claim(struct queue_fixture *fixture, int64_t sink, size_t most)
{
	struct fr_claim claim = {
		.sink = sink, .max_events = most, .max_bytes = 1 << 20, .min_severity = FR_TRACE};
	struct fr_batch *batch = NULL;
	enum fr_status status;
	bool more;

	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	status = fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err);
	if (status == FR_OK) {
		char digest[FR_CHECKSUM_HEX];

		fr_checksum_hex(digest, batch->uuid, 36);
		status = fr_batch_seal(fixture->queue, batch, 1, digest, &fixture->err);
	}
	if (status != FR_OK && status != FR_NONE)
		fail_msg("%s", fixture->err.text);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
	return batch;
}

void queue_fixture_ack(struct queue_fixture *fixture, struct fr_batch *batch)
{
	assert_non_null(batch);
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	if (fr_batch_ack(fixture->queue, batch, NULL, 0, &fixture->err) != FR_OK)
		fail_msg("%s", fixture->err.text);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
	fr_batch_free(batch);
}

int64_t queue_fixture_ask(struct queue_fixture *fixture, const char *sql)
{
	char path[TEST_PATH_MAX];
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	int64_t answer;

	(void)test_folder_path(&fixture->folder, "queue.db", path);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	answer = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return answer;
}

static void print_finding(void *context, const char *sentence)
{
	(void)context;
	print_error("verify: %s\n", sentence);
}

void queue_fixture_verify(struct queue_fixture *fixture)
{
	struct fr_snapshot *snapshot;
	unsigned findings = 0;

	/* Taking a copy closes a descriptor of queue.db, which drops our locks: close first. */
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	if (fr_snapshot_open(&snapshot, fixture->folder.path, &fixture->world.env, &fixture->err) !=
	    FR_OK)
		fail_msg("%s", fixture->err.text);
	assert_int_equal(
		fr_snapshot_verify(snapshot, print_finding, NULL, &findings, &fixture->err), FR_OK);
	assert_int_equal(findings, 0);
	fr_snapshot_close(snapshot);
	queue_fixture_reopen(fixture);
}

int64_t queue_fixture_bytes(struct queue_fixture *fixture)
{
	static const char *const names[] = {"queue.db", "queue.db-wal", "queue.db-shm"};
	int64_t bytes = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[TEST_PATH_MAX];

		bytes += fr_file_size(test_folder_path(&fixture->folder, names[i], path));
	}
	return bytes;
}

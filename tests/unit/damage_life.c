#include "damage_life.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/db.h"
#include "queue/inspect.h"
#include "support/process.h"
#include "support/test.h"

struct original damage_original;

/* ---- the original ---- */

static struct image read_image(const struct queue_fixture *fixture, const char *name)
{
	char path[TEST_PATH_MAX];
	struct image image;

	image.bytes = test_file_read(test_folder_path(&fixture->folder, name, path), &image.length);
	assert_non_null(image.bytes);
	return image;
}

static void record_some(struct queue_fixture *fixture, int count)
{
	for (int i = 0; i < count; i++) {
		struct queue_event event = {
			.name = i % 2 == 0 ? "tool_use_error" : "api_error",
			.severity = (enum fr_severity)(FR_TRACE + i % 6),
			.bytes = i % 40 == 39 ? 9000 : 250 + (size_t)i % 200, /* some overflow */
		};

		assert_int_equal(queue_fixture_record(fixture, &event, NULL), FR_OK);
	}
}

static void bury_one(struct queue_fixture *fixture, int64_t sink)
{
	const struct fr_refusal why = {.reason = "schema", .status = 400, .answer = "no"};
	struct fr_batch *batch = queue_fixture_claim(fixture, sink, 1);

	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(fr_batch_bury(fixture->queue, batch, &why, &fixture->err), FR_OK);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
	fr_batch_free(batch);
}

int damage_make_original(void **state)
{
	struct fr_upkeep upkeep = {.idle = true};
	struct queue_fixture *fixture;
	int64_t first;

	test_folder_in_memory();
	assert_int_equal(queue_fixture_set_up(state), 0);
	fixture = *state;
	(void)queue_fixture_sinks(fixture, "a", "b");
	first = queue_fixture_ask(fixture, "SELECT id FROM sink WHERE name = 'a'");
	record_some(fixture, IN_FILE);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, first, DELIVERED));
	bury_one(fixture, first);
	assert_int_equal(fr_queue_upkeep(fixture->queue, &upkeep, &fixture->err), FR_OK);
	record_some(fixture, IN_WAL);
	fr_batch_free(queue_fixture_claim(fixture, first, FROZEN));
	damage_original.db = read_image(fixture, "queue.db");
	damage_original.wal = read_image(fixture, "queue.db-wal");
	return queue_fixture_tear_down(state);
}

int damage_drop_original(void **state)
{
	(void)state;
	free(damage_original.db.bytes);
	free(damage_original.wal.bytes);
	return 0;
}

/* ---- a damaged one ---- */

void damage_write_image(const struct queue_fixture *fixture, const char *name,
			const struct image *image, const struct damage *damage)
{
	char path[TEST_PATH_MAX];
	FILE *file = fopen(test_folder_path(&fixture->folder, name, path), "wb");
	size_t length = damage != NULL && damage->cut ? damage->at : image->length;

	assert_non_null(file);
	assert_int_equal(fwrite(image->bytes, 1, length, file), length);
	if (damage != NULL && !damage->cut) {
		assert_int_equal(fseek(file, (long)damage->at, SEEK_SET), 0);
		(void)fputc((unsigned char)image->bytes[damage->at] ^ 1 << damage->bit, file);
	}
	assert_int_equal(fclose(file), 0);
}

/* Every file of the home whose name begins so; returns how many there are. */
unsigned damage_count_files(const struct queue_fixture *fixture, const char *beginning, bool remove)
{
	DIR *folder = opendir(fixture->folder.path);
	struct dirent *entry;
	unsigned count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (strncmp(entry->d_name, beginning, strlen(beginning)) != 0)
			continue;
		count++;
		if (remove)
			assert_int_equal(unlinkat(dirfd(folder), entry->d_name, 0), 0);
	}
	(void)closedir(folder);
	return count;
}

/* Puts the original into the home, damaged. */
static void plant(struct queue_fixture *fixture, const struct damage *damage)
{
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	(void)damage_count_files(fixture, "queue.db", true);
	damage_write_image(fixture, "queue.db", &damage_original.db,
			   damage->in_wal ? NULL : damage);
	damage_write_image(fixture, "queue.db-wal", &damage_original.wal,
			   damage->in_wal ? damage : NULL);
}

/* The newest id that plain SQLite still finds. */
static int64_t newest_readable(struct queue_fixture *fixture)
{
	char path[TEST_PATH_MAX];
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	int64_t newest = 0;

	(void)test_folder_path(&fixture->folder, "queue.db", path);
	(void)sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_prepare_v2(db, "SELECT max(id) FROM event", -1, &statement, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		newest = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	(void)unlink(test_folder_path(&fixture->folder, "queue.db-shm", path));
	return newest <= RECORDED ? newest : 0; /* a flipped id may be anything */
}

/* ---- going on ---- */

static void within_two_seconds(const struct damage *damage, const char *step, long long began_ms)
{
	long long took_ms = test_now_ms() - began_ms;

	if (took_ms > STEP_MS_MOST)
		fail_msg("%s %s at %zu: %s took %lld ms", damage->in_wal ? "wal" : "db",
			 damage->cut ? "cut" : "flipped", damage->at, step, took_ms);
}

static void give_up(const struct queue_fixture *fixture, const struct damage *damage,
		    const char *step, enum fr_status status)
{
	fail_msg("%s %s at %zu, bit %u: %s answers %d: %s", damage->in_wal ? "wal" : "db",
		 damage->cut ? "cut" : "flipped", damage->at, damage->bit, step, (int)status,
		 fixture->err.text);
}

static void set_sinks(struct queue_fixture *fixture, const struct damage *damage,
		      struct fr_sink_want sinks[2])
{
	long long began_ms = test_now_ms();
	enum fr_status status = fr_sinks_set(fixture->queue, sinks, 2, &fixture->err);

	if (fixture->queue->suspect)
		status = fr_sinks_set(fixture->queue, sinks, 2, &fixture->err);
	within_two_seconds(damage, "set sinks", began_ms);
	if (status != FR_OK)
		give_up(fixture, damage, "set sinks", status);
}

/* One claim with its ack; a fault that speaks of damage is healed by the next begin. */
static enum fr_status deliver_some(struct queue_fixture *fixture, int64_t sink,
				   bool delivered[RECORDED + 2])
{
	struct fr_claim claim = {
		.sink = sink, .max_events = 100, .max_bytes = 1 << 20, .min_severity = FR_TRACE};
	struct fr_batch *batch = NULL;
	size_t open = 0;
	int64_t row = 0;
	bool more;
	enum fr_status status = fr_queue_begin(fixture->queue, &fixture->err);

	if (status == FR_OK)
		status = fr_batch_open_ids(fixture->queue, sink, &row, 1, &open, &fixture->err);
	if (status == FR_OK && row != 0)
		status = fr_batch_load(fixture->queue, row, &batch, &fixture->err);
	else if (status == FR_OK)
		status = fr_batch_claim(fixture->queue, &claim, &batch, &more, &fixture->err);
	if (status == FR_OK)
		status = fr_batch_ack(fixture->queue, batch, NULL, 0, &fixture->err);
	if (status == FR_OK || status == FR_NONE) {
		enum fr_status committed = fr_queue_commit(fixture->queue, &fixture->err);

		status = committed != FR_OK ? committed : status;
	}
	for (size_t i = 0; status == FR_OK && i < batch->count; i++)
		if (batch->events[i].id <= RECORDED + 1 && batch->events[i].properties_length > 200)
			delivered[batch->events[i].id] = true;
	fr_queue_rollback(fixture->queue);
	fr_batch_free(batch);
	return status;
}

/* Everything to one sink. */
static void deliver_all(struct queue_fixture *fixture, const struct damage *damage, int64_t sink,
			bool delivered[RECORDED + 2])
{
	enum fr_status status = FR_OK;
	int mishaps = 0;

	while (status != FR_NONE) {
		long long began_ms = test_now_ms();

		status = deliver_some(fixture, sink, delivered);
		within_two_seconds(damage, "claim and ack", began_ms);
		if (fixture->queue->suspect && ++mishaps < 3)
			continue;
		if (status != FR_OK && status != FR_NONE)
			give_up(fixture, damage, "claim and ack", status);
	}
}

static void on_finding(void *context, const char *sentence)
{
	char *first = context;

	if (first[0] == '\0')
		(void)snprintf(first, 256, "%s", sentence);
}

/* Damage that nothing has touched yet is found by a check, and then healed like any other. */
static void check_and_heal(struct queue_fixture *fixture, const struct damage *damage)
{
	for (int round = 0; round < 2; round++) {
		struct fr_snapshot *snapshot = NULL;
		char first[256] = "";
		unsigned findings = 1;

		fr_queue_close(fixture->queue);
		fixture->queue = NULL;
		assert_int_equal(fr_snapshot_open(&snapshot, fixture->folder.path,
						  &fixture->world.env, &fixture->err),
				 FR_OK);
		(void)fr_snapshot_verify(snapshot, on_finding, first, &findings, &fixture->err);
		fr_snapshot_close(snapshot);
		queue_fixture_reopen(fixture);
		if (findings == 0)
			return;
		if (round == 1)
			give_up(fixture, damage, first, FR_CORRUPT);
		fixture->queue->suspect = true;
		assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
		fr_queue_rollback(fixture->queue);
	}
}

static void open_and_record(struct queue_fixture *fixture, const struct damage *damage,
			    struct outcome *outcome)
{
	long long began_ms = test_now_ms();
	struct queue_event event = {.bytes = 300};
	enum fr_status status = fr_queue_open(&fixture->queue, &fixture->options, &fixture->err);

	within_two_seconds(damage, "open", began_ms);
	if (status != FR_OK)
		give_up(fixture, damage, "open", status);
	fixture->session.row = 0;
	began_ms = test_now_ms();
	status = queue_fixture_record(fixture, &event, &outcome->new_id);
	within_two_seconds(damage, "record", began_ms);
	if (status != FR_OK)
		give_up(fixture, damage, "record", status);
}

/* From the opening on, whatever lies in the home. */
struct outcome damage_go_on(struct queue_fixture *fixture, const struct damage *damage)
{
	struct fr_sink_want sinks[] = {{"a", "first_party", 0}, {"b", "first_party", 0}};
	bool delivered[RECORDED + 2] = {false};
	struct outcome outcome = {0};

	open_and_record(fixture, damage, &outcome);
	set_sinks(fixture, damage, sinks);
	deliver_all(fixture, damage, sinks[0].id, delivered);
	memset(delivered, 0, sizeof delivered);
	deliver_all(fixture, damage, sinks[1].id, delivered);
	for (int id = 1; id <= RECORDED; id++)
		outcome.lost += !delivered[id];
	check_and_heal(fixture, damage);
	outcome.salvaged = damage_count_files(fixture, "queue.db.damaged-", false) > 0;
	assert_int_equal(damage_count_files(fixture, "queue.db.moving", false), 0);
	assert_int_equal(damage_count_files(fixture, "queue.db.new", false), 0);
	if (outcome.salvaged)
		assert_true(queue_fixture_ask(fixture, "SELECT count(*) FROM incident") > 0);
	return outcome;
}

struct outcome damage_live_through(struct queue_fixture *fixture, const struct damage *damage)
{
	struct outcome outcome;
	int64_t newest;

	plant(fixture, damage);
	newest = damage->cut && damage->at == 0 ? 0 : newest_readable(fixture);
	outcome = damage_go_on(fixture, damage);
	if (outcome.new_id <= newest)
		fail_msg("at %zu: id %lld is used again, up to %lld were given out", damage->at,
			 (long long)outcome.new_id, (long long)newest);
	return outcome;
}

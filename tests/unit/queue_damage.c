/* A queue whose file was damaged: opens, records and delivers, and what is lost is told and booked.
 *
 * One queue of some hundred events is made, half of them in the database file and half in the WAL.
 * Then one bit of it is flipped, or the file is cut short, somewhere; whatever place it is, the host
 * goes on within two seconds for each step, what plain SQLite can still look up is delivered, ids
 * go on behind the newest one, and after the salvage everything adds up again. Places are sampled;
 * FLIGHTREC_DAMAGE_ALL=1 tries one in each 512 bytes.
 */
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "queue/db.h"
#include "queue/inspect.h"
#include "support/process.h"
#include "support/queue_fixture.h"
#include "support/test.h"

enum {
	IN_FILE = 240,
	IN_WAL = 120,
	RECORDED = IN_FILE + IN_WAL,
	DELIVERED = 60, /* to the first sink, before the damage */
	FROZEN = 20,    /* in an open batch of the first sink */
	SECTOR = 512,
	STEP_MS_MOST = 2000,
	ROWS_PER_PAGE = 16,
};

struct image {
	char *bytes;
	size_t length;
};

/* The queue as it was before the damage. */
struct original {
	struct image db;
	struct image wal;
};

struct damage {
	bool in_wal;
	bool cut; /* else one bit is flipped */
	size_t at;
	unsigned bit;
};

static struct original original;

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
			.bytes = 250 + (size_t)i % 200,
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

static int make_original(void **state)
{
	struct fr_upkeep upkeep = {.idle = true};
	struct queue_fixture *fixture;
	int64_t first;

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
	original.db = read_image(fixture, "queue.db");
	original.wal = read_image(fixture, "queue.db-wal");
	return queue_fixture_tear_down(state);
}

static int drop_original(void **state)
{
	(void)state;
	free(original.db.bytes);
	free(original.wal.bytes);
	return 0;
}

/* ---- a damaged one ---- */

static void write_image(const struct queue_fixture *fixture, const char *name,
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
static unsigned count_files(const struct queue_fixture *fixture, const char *beginning, bool remove)
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
	(void)count_files(fixture, "queue.db", true);
	write_image(fixture, "queue.db", &original.db, damage->in_wal ? NULL : damage);
	write_image(fixture, "queue.db-wal", &original.wal, damage->in_wal ? damage : NULL);
}

/* What plain SQLite finds when it asks for each row by its id: the rows on intact pages. */
static int look_up(struct queue_fixture *fixture, bool found[RECORDED + 1], int64_t *newest)
{
	char path[TEST_PATH_MAX];
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	int count = 0;

	memset(found, 0, (RECORDED + 1) * sizeof *found);
	(void)test_folder_path(&fixture->folder, "queue.db", path);
	(void)sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_prepare_v2(db, "SELECT * FROM event WHERE id = ?1 AND name <> ''", -1,
			       &statement, NULL) == SQLITE_OK)
		for (int id = 1; id <= RECORDED; id++) {
			(void)sqlite3_bind_int(statement, 1, id);
			found[id] = sqlite3_step(statement) == SQLITE_ROW &&
				    sqlite3_column_int(statement, 0) == id &&
				    sqlite3_column_bytes(statement, 11) > 200;
			count += found[id];
			*newest = found[id] ? id : *newest;
			(void)sqlite3_reset(statement);
		}
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	(void)test_folder_path(&fixture->folder, "queue.db-shm", path);
	(void)unlink(path);
	return count;
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

	if (status == FR_CORRUPT)
		status = fr_sinks_set(fixture->queue, sinks, 2, &fixture->err);
	within_two_seconds(damage, "set sinks", began_ms);
	if (status != FR_OK)
		give_up(fixture, damage, "set sinks", status);
}

/* One claim with its ack; FR_CORRUPT is told once at most and healed by the next begin. */
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
		if (status == FR_CORRUPT && ++mishaps < 3)
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

struct outcome {
	bool salvaged;
	int64_t new_id;
	int lost; /* of those that plain SQLite could look up */
};

static void open_and_record(struct queue_fixture *fixture, const struct damage *damage,
			    struct outcome *outcome)
{
	long long began_ms = test_now_ms();
	struct queue_event event = {.bytes = 300};
	enum fr_status status =
		fr_queue_open(&fixture->queue, &fixture->options, &fixture->err);

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

/* The whole story of one damage. */
static struct outcome live_through(struct queue_fixture *fixture, const struct damage *damage)
{
	bool readable[RECORDED + 1], delivered[RECORDED + 2] = {false};
	struct outcome outcome = {0};
	struct fr_sink_want sinks[] = {{"a", "first_party", 0}, {"b", "first_party", 0}};
	int64_t newest = 0;

	plant(fixture, damage);
	(void)look_up(fixture, readable, &newest);
	open_and_record(fixture, damage, &outcome);
	set_sinks(fixture, damage, sinks);
	deliver_all(fixture, damage, sinks[0].id, delivered);
	memset(delivered, 0, sizeof delivered);
	deliver_all(fixture, damage, sinks[1].id, delivered);
	for (int id = 1; id <= RECORDED; id++)
		outcome.lost += readable[id] && !delivered[id];
	if (outcome.new_id <= newest)
		fail_msg("at %zu: id %lld is used again, up to %lld were given out", damage->at,
			 (long long)outcome.new_id, (long long)newest);
	check_and_heal(fixture, damage);
	outcome.salvaged = count_files(fixture, "queue.db.damaged-", false) > 0;
	if (outcome.salvaged)
		assert_true(queue_fixture_ask(fixture, "SELECT count(*) FROM incident") > 0);
	return outcome;
}

/* ---- the places ---- */

static size_t every(size_t sectors)
{
	return SECTOR * (getenv("FLIGHTREC_DAMAGE_ALL") != NULL ? 1 : sectors);
}

static size_t place_in(size_t sector, unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return sector + (*seed >> 16) % SECTOR;
}

static void a_flipped_bit_in_the_file_costs_no_row_that_can_be_read(void **state)
{
	struct queue_fixture *fixture = *state;
	unsigned seed = 1, salvaged = 0, cases = 0;

	for (size_t at = 0; at < original.db.length; at += every(1)) {
		struct damage damage = {.at = place_in(at, &seed)};
		struct outcome outcome;

		damage.bit = seed % 8;
		outcome = live_through(fixture, &damage);
		if (outcome.lost > 0)
			fail_msg("flipped at %zu: %d readable rows were lost", damage.at,
				 outcome.lost);
		salvaged += outcome.salvaged;
		cases++;
	}
	print_message("%u cases, %u salvaged\n", cases, salvaged);
	assert_true(salvaged > cases / 20);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(a_flipped_bit_in_the_file_costs_no_row_that_can_be_read),
	};

	return cmocka_run_group_tests(tests, make_original, drop_original);
}

/* A queue whose file was damaged: it opens, records and delivers, and what is lost is told and
 * booked.
 *
 * One queue of some hundred events is made, two thirds of them in the database file and a third in
 * the WAL. Then one bit of it is flipped, or the file is cut short, somewhere; whatever place it
 * is, the host goes on, within two seconds for each step; a flipped bit costs no more than the rows
 * of one page; ids go on behind the newest one; and after the salvage everything adds up again.
 * Places are sampled; FLIGHTREC_DAMAGE_ALL=1 tries one in each 512 bytes, FLIGHTREC_DAMAGE_SEED
 * others.
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
	ROWS_PER_PAGE = 16, /* at most: no row is smaller than 256 bytes */
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

static int make_original(void **state)
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

struct outcome {
	bool salvaged;
	int64_t new_id;
	int lost; /* events that the second sink never got */
};

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
static struct outcome go_on(struct queue_fixture *fixture, const struct damage *damage)
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
	outcome.salvaged = count_files(fixture, "queue.db.damaged-", false) > 0;
	assert_int_equal(count_files(fixture, "queue.db.moving", false), 0);
	assert_int_equal(count_files(fixture, "queue.db.new", false), 0);
	if (outcome.salvaged)
		assert_true(queue_fixture_ask(fixture, "SELECT count(*) FROM incident") > 0);
	return outcome;
}

static struct outcome live_through(struct queue_fixture *fixture, const struct damage *damage)
{
	struct outcome outcome;
	int64_t newest;

	plant(fixture, damage);
	newest = damage->cut && damage->at == 0 ? 0 : newest_readable(fixture);
	outcome = go_on(fixture, damage);
	if (outcome.new_id <= newest)
		fail_msg("at %zu: id %lld is used again, up to %lld were given out", damage->at,
			 (long long)outcome.new_id, (long long)newest);
	return outcome;
}

/* ---- the places ---- */

struct places {
	unsigned seed;
	size_t step;
	unsigned cases, salvaged, lost;
};

static struct places places_every(size_t sectors)
{
	const char *seed = getenv("FLIGHTREC_DAMAGE_SEED");

	return (struct places){
		.seed = seed != NULL ? (unsigned)strtoul(seed, NULL, 10) : 1,
		.step = SECTOR * (getenv("FLIGHTREC_DAMAGE_ALL") != NULL ? 1 : sectors),
	};
}

static unsigned next_random(struct places *places)
{
	places->seed = places->seed * 1103515245u + 12345u;
	return places->seed >> 16;
}

/* One bit somewhere in the sector. */
static struct damage flip_in(struct places *places, size_t sector, size_t end)
{
	size_t at = sector + next_random(places) % SECTOR;

	return (struct damage){.at = at < end ? at : end - 1, .bit = next_random(places) % 8};
}

static void count_in(struct places *places, const struct outcome *outcome)
{
	places->cases++;
	places->salvaged += outcome->salvaged;
	places->lost += (unsigned)outcome->lost;
}

static void print_places(const struct places *places)
{
	print_message("%u cases, %u salvaged, %u events lost in all\n", places->cases,
		      places->salvaged, places->lost);
}

static void a_flipped_bit_in_the_file_costs_the_rows_of_one_page_at_most(void **state)
{
	struct queue_fixture *fixture = *state;
	struct places places = places_every(2);

	for (size_t at = 0; at < original.db.length; at += places.step) {
		struct damage damage = flip_in(&places, at, original.db.length);
		struct outcome outcome = live_through(fixture, &damage);

		if (outcome.lost > ROWS_PER_PAGE)
			fail_msg("bit %u flipped at %zu: %d events were lost", damage.bit,
				 damage.at, outcome.lost);
		count_in(&places, &outcome);
	}
	print_places(&places);
	assert_true(places.salvaged > 0);
}

static void a_file_cut_short_costs_what_was_behind_the_cut(void **state)
{
	struct queue_fixture *fixture = *state;
	struct places places = places_every(20);

	for (size_t at = 0; at < original.db.length; at += places.step) {
		struct damage damage = {.cut = true, .at = at};
		struct outcome outcome = live_through(fixture, &damage);
		size_t pages = (original.db.length - at + FR_PAGE_BYTES - 1) / FR_PAGE_BYTES;

		if (outcome.lost > IN_FILE || (size_t)outcome.lost > pages * ROWS_PER_PAGE)
			fail_msg("cut at %zu: %d events were lost", at, outcome.lost);
		count_in(&places, &outcome);
	}
	print_places(&places);
	assert_true(places.salvaged > places.cases / 2);
}

/* How many events are in the WAL up to a byte of it, at least: one more with each commit. */
static int committed_before(size_t at)
{
	int commits = 0;

	for (size_t frame = 32; frame + FR_FRAME_BYTES <= at; frame += FR_FRAME_BYTES)
		commits += memcmp(original.wal.bytes + frame + 4, "\0\0\0", 4) != 0;
	return commits < IN_WAL ? commits : IN_WAL;
}

static void damage_in_the_log_costs_only_what_was_committed_behind_it(void **state)
{
	struct queue_fixture *fixture = *state;
	struct places places = places_every(48);

	for (size_t at = 0; at < original.wal.length; at += places.step) {
		struct damage damage = flip_in(&places, at, original.wal.length);
		struct outcome outcome;

		damage.in_wal = true;
		damage.cut = next_random(&places) % 4 == 0;
		outcome = live_through(fixture, &damage);
		if (outcome.lost > IN_WAL - committed_before(damage.at))
			fail_msg("%s at %zu: %d events were lost, %d were committed before",
				 damage.cut ? "cut" : "flipped", damage.at, outcome.lost,
				 committed_before(damage.at));
		count_in(&places, &outcome);
	}
	print_places(&places);
}

/* ---- whole files ---- */

static const struct damage nothing = {.at = 0};

static void empty_the_home(struct queue_fixture *fixture)
{
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	(void)count_files(fixture, "queue.db", true);
}

static void garbage_is_moved_aside_and_told(void **state)
{
	struct queue_fixture *fixture = *state;
	struct places places = places_every(1);
	struct image garbage = {malloc(100000), 100000};
	struct outcome outcome;

	assert_non_null(garbage.bytes);
	for (size_t i = 0; i < garbage.length; i++)
		garbage.bytes[i] = (char)next_random(&places);
	empty_the_home(fixture);
	write_image(fixture, "queue.db", &garbage, NULL);
	free(garbage.bytes);
	outcome = go_on(fixture, &nothing);
	assert_true(outcome.salvaged);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT text LIKE '%beyond reading%' FROM incident"), 1);
}

static void an_empty_file_does_not_take_the_log_beside_it_along(void **state)
{
	struct queue_fixture *fixture = *state;
	struct damage damage = {.cut = true, .at = 0};
	struct outcome outcome = live_through(fixture, &damage);

	assert_true(outcome.salvaged);
	assert_true(outcome.lost <= IN_FILE);
}

static void a_log_beside_no_file_is_not_read_into_the_next_one(void **state)
{
	struct queue_fixture *fixture = *state;
	struct outcome outcome;

	empty_the_home(fixture);
	write_image(fixture, "queue.db-wal", &original.wal, NULL);
	outcome = go_on(fixture, &nothing);
	assert_int_equal(outcome.new_id, 1);
	assert_int_equal(outcome.lost, RECORDED - 1); /* nothing but the new one was there to get */
	assert_false(outcome.salvaged);
}

static void a_header_that_names_another_program_is_damage_when_the_rest_is_ours(void **state)
{
	struct queue_fixture *fixture = *state;
	const size_t application_id = 68, user_version = 60;

	for (size_t byte = 0; byte < 4; byte++) {
		struct damage id = {.at = application_id + byte, .bit = 1};
		struct damage version = {.at = user_version + byte, .bit = 0};

		assert_int_equal(live_through(fixture, &id).lost, 0);
		assert_int_equal(live_through(fixture, &version).lost, 0);
	}
}

/* ---- the move ---- */

static void rename_file(const struct queue_fixture *fixture, const char *from, const char *to)
{
	char path_from[TEST_PATH_MAX], path_to[TEST_PATH_MAX];

	assert_int_equal(rename(test_folder_path(&fixture->folder, from, path_from),
				test_folder_path(&fixture->folder, to, path_to)),
			 0);
}

/* Whatever a crash left of a move, the next opener goes on with it and has every event: the file
 * was sound here. */
static void a_move_that_was_cut_short_is_finished_by_the_next_opener(void **state)
{
	struct queue_fixture *fixture = *state;

	for (int moved = 0; moved <= 2; moved++) {
		struct outcome outcome;

		empty_the_home(fixture);
		write_image(fixture, "queue.db", &original.db, NULL);
		write_image(fixture, "queue.db-wal", &original.wal, NULL);
		test_folder_write(&fixture->folder, "queue.db.moving", "1795336400");
		if (moved >= 1)
			rename_file(fixture, "queue.db", "queue.db.damaged-1795336400");
		if (moved >= 2)
			rename_file(fixture, "queue.db-wal", "queue.db.damaged-1795336400-wal");
		outcome = go_on(fixture, &nothing);
		assert_int_equal(outcome.new_id, RECORDED + 1);
		assert_int_equal(outcome.lost, 0);
		assert_true(outcome.salvaged);
	}
}

static void a_new_queue_that_took_over_is_not_moved_again(void **state)
{
	struct queue_fixture *fixture = *state;
	struct outcome outcome;

	empty_the_home(fixture);
	write_image(fixture, "queue.db", &original.db, NULL);
	write_image(fixture, "queue.db-wal", &original.wal, NULL);
	test_folder_write(&fixture->folder, "queue.db.damaged-1795336400", "the damaged one");
	test_folder_write(&fixture->folder, "queue.db.moving", "1795336400");
	assert_int_equal(fr_queue_open(&fixture->queue, &fixture->options, &fixture->err), FR_OK);
	assert_string_equal(fr_queue_incident(fixture->queue), "");
	assert_int_equal(queue_fixture_ask(fixture, "SELECT max(id) FROM event"), RECORDED);
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	(void)count_files(fixture, "queue.db.damaged", true);
	outcome = go_on(fixture, &nothing);
	assert_int_equal(outcome.lost, 0);
	assert_false(outcome.salvaged);
}

static void only_the_two_newest_damaged_copies_are_kept(void **state)
{
	struct queue_fixture *fixture = *state;

	for (unsigned round = 1; round <= 5; round++) {
		queue_fixture_record_many(fixture, 1);
		assert_int_equal(fr_queue_repair(fixture->queue, &fixture->err), FR_OK);
		assert_true(fr_queue_incident(fixture->queue)[0] != '\0');
		assert_true(count_files(fixture, "queue.db.damaged-", false) <= 2 * 3);
		assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), round);
	}
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM incident"), 5);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(a_flipped_bit_in_the_file_costs_the_rows_of_one_page_at_most),
		WITH_QUEUE(a_file_cut_short_costs_what_was_behind_the_cut),
		WITH_QUEUE(damage_in_the_log_costs_only_what_was_committed_behind_it),
		WITH_QUEUE(garbage_is_moved_aside_and_told),
		WITH_QUEUE(an_empty_file_does_not_take_the_log_beside_it_along),
		WITH_QUEUE(a_log_beside_no_file_is_not_read_into_the_next_one),
		WITH_QUEUE(a_header_that_names_another_program_is_damage_when_the_rest_is_ours),
		WITH_QUEUE(a_move_that_was_cut_short_is_finished_by_the_next_opener),
		WITH_QUEUE(a_new_queue_that_took_over_is_not_moved_again),
		WITH_QUEUE(only_the_two_newest_damaged_copies_are_kept),
	};

	return cmocka_run_group_tests(tests, make_original, drop_original);
}

/* A queue whose file was damaged: one bit of it is flipped, or the file is cut short, somewhere;
 * whatever place it is, the host goes on. A flipped bit costs no more than the rows of one page.
 *
 * Places are sampled; FLIGHTREC_DAMAGE_ALL=1 tries one in each 512 bytes, FLIGHTREC_DAMAGE_SEED
 * others.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "damage_life.h"
#include "queue/dead.h"
#include "queue/sent.h"
#include "queue/db.h"
#include "support/process.h"
#include "support/test.h"

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

	for (size_t at = 0; at < damage_original.db.length; at += places.step) {
		struct damage damage = flip_in(&places, at, damage_original.db.length);
		struct outcome outcome = damage_live_through(fixture, &damage);

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

	for (size_t at = 0; at < damage_original.db.length; at += places.step) {
		struct damage damage = {.cut = true, .at = at};
		struct outcome outcome = damage_live_through(fixture, &damage);
		size_t pages = (damage_original.db.length - at + FR_PAGE_BYTES - 1) / FR_PAGE_BYTES;

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
		commits += memcmp(damage_original.wal.bytes + frame + 4, "\0\0\0", 4) != 0;
	return commits < IN_WAL ? commits : IN_WAL;
}

static void a_log_cut_short_costs_only_what_was_behind_the_cut(void **state)
{
	struct queue_fixture *fixture = *state;
	struct places places = places_every(150);

	for (size_t at = 0; at < damage_original.wal.length; at += places.step) {
		struct damage damage = {.in_wal = true, .cut = true, .at = at};
		struct outcome outcome = damage_live_through(fixture, &damage);

		if (outcome.lost > IN_WAL - committed_before(at))
			fail_msg("cut at %zu: %d events were lost, %d were committed before", at,
				 outcome.lost, committed_before(at));
		count_in(&places, &outcome);
	}
	print_places(&places);
}

/* SQLite takes a flipped bit for the end of the log. Behind it there are commits that it would drop
 * without a word; the last one or two cannot be told from what a dying writer leaves. */
static void a_flipped_bit_in_the_log_costs_the_rows_of_one_page_at_most(void **state)
{
	struct queue_fixture *fixture = *state;
	struct places places = places_every(60);

	for (size_t at = 0; at < damage_original.wal.length; at += places.step) {
		struct damage damage = flip_in(&places, at, damage_original.wal.length);
		struct outcome outcome;
		int behind = IN_WAL - committed_before(damage.at);

		damage.in_wal = true;
		outcome = damage_live_through(fixture, &damage);
		if (outcome.lost > ROWS_PER_PAGE || outcome.lost > behind)
			fail_msg("bit %u flipped at %zu: %d events were lost, %d were behind it",
				 damage.bit, damage.at, outcome.lost, behind);
		if (!outcome.salvaged && behind > 4)
			fail_msg("bit %u flipped at %zu: %d events behind it, and nobody told",
				 damage.bit, damage.at, behind);
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
	(void)damage_count_files(fixture, "queue.db", true);
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
	damage_write_image(fixture, "queue.db", &garbage, NULL);
	free(garbage.bytes);
	outcome = damage_go_on(fixture, &nothing);
	assert_true(outcome.salvaged);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT text LIKE '%beyond reading%' FROM incident"), 1);
}

static void an_empty_file_does_not_take_the_log_beside_it_along(void **state)
{
	struct queue_fixture *fixture = *state;
	struct damage damage = {.cut = true, .at = 0};
	struct outcome outcome = damage_live_through(fixture, &damage);

	assert_true(outcome.salvaged);
	assert_true(outcome.lost <= IN_FILE);
}

static void a_log_beside_no_file_is_not_read_into_the_next_one(void **state)
{
	struct queue_fixture *fixture = *state;
	struct outcome outcome;

	empty_the_home(fixture);
	damage_write_image(fixture, "queue.db-wal", &damage_original.wal, NULL);
	outcome = damage_go_on(fixture, &nothing);
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

		assert_int_equal(damage_live_through(fixture, &id).lost, 0);
		assert_int_equal(damage_live_through(fixture, &version).lost, 0);
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
		damage_write_image(fixture, "queue.db", &damage_original.db, NULL);
		damage_write_image(fixture, "queue.db-wal", &damage_original.wal, NULL);
		test_folder_write(&fixture->folder, "queue.db.moving", "1795336400");
		if (moved >= 1)
			rename_file(fixture, "queue.db", "queue.db.damaged-1795336400");
		if (moved >= 2)
			rename_file(fixture, "queue.db-wal", "queue.db.damaged-1795336400-wal");
		outcome = damage_go_on(fixture, &nothing);
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
	damage_write_image(fixture, "queue.db", &damage_original.db, NULL);
	damage_write_image(fixture, "queue.db-wal", &damage_original.wal, NULL);
	test_folder_write(&fixture->folder, "queue.db.damaged-1795336400", "the damaged one");
	test_folder_write(&fixture->folder, "queue.db.moving", "1795336400");
	assert_int_equal(fr_queue_open(&fixture->queue, &fixture->options, &fixture->err), FR_OK);
	assert_string_equal(fr_queue_incident(fixture->queue), "");
	assert_int_equal(queue_fixture_ask(fixture, "SELECT max(id) FROM event"), RECORDED);
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	(void)damage_count_files(fixture, "queue.db.damaged", true);
	outcome = damage_go_on(fixture, &nothing);
	assert_int_equal(outcome.lost, 0);
	assert_false(outcome.salvaged);
}

/* Or it would be told OK for an event that goes into a file nobody reads any more. */
static void who_has_the_moved_file_open_is_told(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_queue *other = NULL;

	queue_fixture_record_many(fixture, 1);
	assert_int_equal(fr_queue_open(&other, &fixture->options, &fixture->err), FR_OK);
	assert_int_equal(fr_queue_repair(other, &fixture->err), FR_OK);
	assert_int_equal(queue_fixture_record(fixture, NULL, NULL), FR_NONE);
	queue_fixture_reopen(fixture);
	queue_fixture_record_many(fixture, 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 2);
	fr_queue_close(other);
}

static void only_the_two_newest_damaged_copies_are_kept(void **state)
{
	struct queue_fixture *fixture = *state;

	for (unsigned round = 1; round <= 5; round++) {
		queue_fixture_record_many(fixture, 1);
		assert_int_equal(fr_queue_repair(fixture->queue, &fixture->err), FR_OK);
		assert_true(fr_queue_incident(fixture->queue)[0] != '\0');
		assert_true(damage_count_files(fixture, "queue.db.damaged-", false) <= 2 * 3);
		assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), round);
	}
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM incident"), 5);
}

/* The rows of every table, by name: "batch 1\nevent 300\n..." */
static void count_tables(const struct queue_fixture *fixture, char *out, size_t size)
{
	char path[TEST_PATH_MAX], sql[256];
	sqlite3_stmt *names = NULL, *rows = NULL;
	sqlite3 *db = NULL;
	size_t used = 0;

	(void)test_folder_path(&fixture->folder, "queue.db", path);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
					    "SELECT name FROM sqlite_schema WHERE type = 'table' "
					    "AND name <> 'incident' ORDER BY name",
					    -1, &names, NULL),
			 SQLITE_OK);
	while (sqlite3_step(names) == SQLITE_ROW) {
		const unsigned char *name = sqlite3_column_text(names, 0);

		(void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", (const char *)name);
		assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &rows, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
		used += (size_t)snprintf(out + used, size - used, "%s %d\n", (const char *)name,
					 sqlite3_column_int(rows, 0));
		assert_true(used < size);
		(void)sqlite3_finalize(rows);
	}
	(void)sqlite3_finalize(names);
	(void)sqlite3_close(db);
}

static void note_as_sent(struct queue_fixture *fixture)
{
	const struct fr_batch batch = {.sink = 1, .uuid = "id"};
	const struct fr_sent_note note = {.batch = &batch, .status = 200};

	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(fr_sent_add(fixture->queue, &note, &fixture->err), FR_OK);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
}

static void a_salvage_of_a_sound_queue_carries_every_table_over(void **state)
{
	struct queue_fixture *fixture = *state;
	char before[1024], after[1024];
	const int64_t letter = 1;
	struct fr_dead_tally tally;

	empty_the_home(fixture);
	damage_write_image(fixture, "queue.db", &damage_original.db, NULL);
	damage_write_image(fixture, "queue.db-wal", &damage_original.wal, NULL);
	fixture->options.keep_sent = FR_KEEP_COUNTS;
	queue_fixture_reopen(fixture);
	assert_int_equal(fr_queue_count_refused(fixture->queue,
						&(struct fr_refused){"property_key", "e", 1}, 1,
						&fixture->err),
			 FR_OK);
	assert_int_equal(fr_dead_ask(fixture->queue, &letter, 1, &tally, &fixture->err), FR_OK);
	note_as_sent(fixture);
	count_tables(fixture, before, sizeof before);
	assert_null(strstr(before, " 0\n")); /* each has something to lose */
	assert_int_equal(fr_queue_repair(fixture->queue, &fixture->err), FR_OK);
	count_tables(fixture, after, sizeof after);
	assert_string_equal(before, after);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM ledger_entry "
						    "WHERE reason = 'damaged'"),
			 0);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(a_flipped_bit_in_the_file_costs_the_rows_of_one_page_at_most),
		WITH_QUEUE(a_file_cut_short_costs_what_was_behind_the_cut),
		WITH_QUEUE(a_log_cut_short_costs_only_what_was_behind_the_cut),
		WITH_QUEUE(a_flipped_bit_in_the_log_costs_the_rows_of_one_page_at_most),
		WITH_QUEUE(garbage_is_moved_aside_and_told),
		WITH_QUEUE(an_empty_file_does_not_take_the_log_beside_it_along),
		WITH_QUEUE(a_log_beside_no_file_is_not_read_into_the_next_one),
		WITH_QUEUE(a_header_that_names_another_program_is_damage_when_the_rest_is_ours),
		WITH_QUEUE(a_move_that_was_cut_short_is_finished_by_the_next_opener),
		WITH_QUEUE(a_new_queue_that_took_over_is_not_moved_again),
		WITH_QUEUE(a_salvage_of_a_sound_queue_carries_every_table_over),
		WITH_QUEUE(who_has_the_moved_file_open_is_told),
		WITH_QUEUE(only_the_two_newest_damaged_copies_are_kept),
	};

	return cmocka_run_group_tests(tests, damage_make_original, damage_drop_original);
}

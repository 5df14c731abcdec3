/* Files of earlier releases: written on, and looked into without being touched. */
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "flightrec_connection.h"
#include "flightrec_migrations.h"
#include "queue/db.h"
#include "queue/inspect.h"
#include "support/queue_fixture.h"
#include "support/test.h"

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
}

/* The home as the first release left it: a sink that has delivered two events, a dead letter, and
 * one event that waits. */
static int set_up(void **state)
{
	char path[TEST_PATH_MAX];
	struct queue_fixture *fixture;
	sqlite3 *db = NULL;

	if (queue_fixture_set_up(state) != 0)
		return -1;
	fixture = *state;
	fr_queue_close(fixture->queue);
	fixture->queue = NULL;
	test_folder_remove(&fixture->folder);
	test_folder_make(&fixture->folder);
	fixture->options.home = fixture->folder.path;
	(void)test_folder_path(&fixture->folder, "queue.db", path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	run(db, fr_sql_new_file);
	run(db, fr_sql_0001_queue);
	run(db,
	    "INSERT INTO meta VALUES (1, 1, 0);"
	    "INSERT INTO session VALUES (1, 'cccc', 'tool', '1', 5, 0, 0);"
	    "INSERT INTO event VALUES (4, 'dddd', 1, 3, 1700000000000000, 'info', 'waits', 'on', 0,"
	    " NULL, NULL, '{}');"
	    "INSERT INTO sink (id, name, type, start, cursor) VALUES (1, 'a', 'file', 0, 3);"
	    "INSERT INTO dead_letter (sink, died_us, status, reason, answer, event, uuid, session,"
	    " service, version, user_bucket, ci, seq, time_us, severity, name, internal, "
	    "properties)"
	    " VALUES (1, 1, 400, 'no', 'bad', 3, 'eeee', 'cccc', 'tool', '1', 5, 0, 2, 1, 'info',"
	    " 'died', 0, '{\"n\":1}');"
	    "INSERT INTO ledger_entry VALUES (1, 'delivered', '', 2), (1, 'dead', '', 1);"
	    "UPDATE queue SET swept = 3, gone = 3;"
	    "PRAGMA user_version = 1; PRAGMA journal_mode = WAL;");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return 0;
}

static void a_queue_of_the_first_release_is_brought_up_to_date_and_used(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t id = 0;

	queue_fixture_reopen(fixture);
	assert_int_equal(queue_fixture_ask(fixture, "PRAGMA user_version"), FR_SCHEMA_VERSION);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters"), 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT dead_bytes FROM queue"), 7 + 3 + 512);
	assert_int_equal(queue_fixture_record(fixture, NULL, &id), FR_OK);
	assert_int_equal(id, 5);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, 1, 10));
	assert_int_equal(queue_fixture_ask(fixture, "SELECT delivered FROM ledger"), 4);
	queue_fixture_verify(fixture);
}

/* An older library may go on writing into it. */
static void a_file_that_was_brought_up_to_date_says_who_may_still_write(void **state)
{
	struct queue_fixture *fixture = *state;

	queue_fixture_reopen(fixture);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT min_writer FROM meta"), 1);
}

struct looked {
	int64_t delivered, dead;
	bool is_balanced;
};

static void on_sink(void *context, const struct fr_sink_facts *facts)
{
	struct looked *looked = context;

	*looked = (struct looked){facts->delivered, facts->dead, facts->balanced};
}

static bool on_letter(void *context, const struct fr_letter *letter)
{
	int64_t *letters = context;

	assert_string_equal(letter->event.name, "died");
	*letters += 1;
	return true;
}

static void a_file_of_the_first_release_is_looked_into_and_left_as_it_is(void **state)
{
	static const struct fr_letter_filter all = {0};
	struct queue_fixture *fixture = *state;
	struct fr_snapshot *snapshot = NULL;
	struct looked looked = {0};
	int64_t letters = 0;

	assert_int_equal(fr_snapshot_open(&snapshot, fixture->folder.path, &fixture->world.env,
					  &fixture->err),
			 FR_OK);
	assert_int_equal(fr_snapshot_sinks(snapshot, on_sink, &looked, &fixture->err), FR_OK);
	assert_int_equal(fr_snapshot_letters(snapshot, &all, on_letter, &letters, &fixture->err),
			 FR_OK);
	fr_snapshot_close(snapshot);
	assert_int_equal(looked.delivered, 2);
	assert_int_equal(looked.dead, 1);
	assert_true(looked.is_balanced);
	assert_int_equal(letters, 1);
	assert_int_equal(queue_fixture_ask(fixture, "PRAGMA user_version"), 1);
}

int main(void)
{
#define WITH_AN_OLD_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_AN_OLD_QUEUE(a_queue_of_the_first_release_is_brought_up_to_date_and_used),
		WITH_AN_OLD_QUEUE(a_file_that_was_brought_up_to_date_says_who_may_still_write),
		WITH_AN_OLD_QUEUE(a_file_of_the_first_release_is_looked_into_and_left_as_it_is),
	};
#undef WITH_AN_OLD_QUEUE

	return cmocka_run_group_tests(tests, NULL, NULL);
}

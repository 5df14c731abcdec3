/* The hard limit: what goes first, what never goes, and that the files stay under it whatever
 * happens. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "queue/db.h"
#include "queue/room.h"
#include "support/queue_fixture.h"
#include "support/test.h"

static void set_limit(struct queue_fixture *fixture, int64_t max_bytes)
{
	fixture->options.max_bytes = max_bytes;
	queue_fixture_reopen(fixture);
}

#define DAY_US (INT64_C(86400) * 1000000)

static void upkeep(struct queue_fixture *fixture)
{
	struct fr_upkeep step = {.idle = true, .max_age_ms = 30 * DAY_US / 1000};

	do {
		if (fr_queue_upkeep(fixture->queue, &step, &fixture->err) != FR_OK)
			fail_msg("%s", fixture->err.text);
	} while (step.more);
}

static enum fr_status record_sized(struct queue_fixture *fixture, const char *name,
				   enum fr_severity severity, size_t bytes)
{
	const struct queue_event event = {.name = name, .severity = severity, .bytes = bytes};

	return queue_fixture_record(fixture, &event, NULL);
}

static void record_until_dropped(struct queue_fixture *fixture, const char *name,
				 enum fr_severity severity)
{
	int64_t dropped = 0;

	for (int i = 0; i < 20000 && dropped == 0; i++) {
		assert_int_equal(record_sized(fixture, name, severity, 900), FR_OK);
		if (i % 100 == 0)
			dropped = queue_fixture_ask(fixture, "SELECT gone FROM queue");
	}
	assert_true(dropped > 0);
}

static void the_files_stay_under_the_limit_at_every_moment(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t most = 0;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	for (int i = 0; i < 6000; i++) {
		int64_t bytes;

		assert_int_equal(record_sized(fixture, "noise", FR_INFO, (size_t)(i % 7) * 400),
				 FR_OK);
		bytes = queue_fixture_bytes(fixture);
		most = bytes > most ? bytes : most;
		assert_true(bytes <= FR_QUEUE_MIN_BYTES);
	}
	assert_true(most > FR_QUEUE_MIN_BYTES / 2); /* it is used, too */
	queue_fixture_verify(fixture);
}

static void large_events_stay_under_the_limit_too(void **state)
{
	struct queue_fixture *fixture = *state;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(record_sized(fixture, "stack", FR_ERROR, 48 * 1024), FR_OK);
		assert_true(queue_fixture_bytes(fixture) <= FR_QUEUE_MIN_BYTES);
	}
	queue_fixture_verify(fixture);
}

static void a_full_queue_drops_the_oldest_debug_event_first(void **state)
{
	struct queue_fixture *fixture = *state;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	(void)queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 0; i < 100; i++)
		assert_int_equal(record_sized(fixture, "crash", FR_FATAL, 900), FR_OK);
	for (int i = 0; i < 300; i++)
		assert_int_equal(record_sized(fixture, "chatter", FR_DEBUG, 900), FR_OK);
	record_until_dropped(fixture, "note", FR_INFO);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT count(*) FROM pending WHERE name = 'crash'"),
		100);
	assert_true(queue_fixture_ask(fixture,
				      "SELECT count(*) FROM pending WHERE name = 'chatter'") < 300);
	assert_int_equal(
		queue_fixture_ask(
			fixture,
			"SELECT coalesce(min(id), 0) > 101 FROM pending WHERE name = 'chatter'"),
		1);
	assert_true(queue_fixture_ask(fixture, "SELECT dropped > 0 FROM ledger"));
	assert_true(queue_fixture_ask(
		fixture, "SELECT sum(events) > 0 FROM history WHERE outcome = 'dropped' "
			 "AND name = 'chatter'"));
	queue_fixture_verify(fixture);
}

static void what_only_a_blocked_sink_wants_goes_before_what_a_working_one_will_deliver(void **state)
{
	enum { DELIVERED = 100 }; /* more than goes at once, and less than twice as many */
	struct queue_fixture *fixture = *state;
	const struct fr_retry paused = {.paused = true, .kind = "credentials"};
	int64_t blocked, working, gone = 0;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	blocked = queue_fixture_sinks(fixture, "working", "blocked");
	working = queue_fixture_ask(fixture, "SELECT id FROM sink WHERE name = 'working'");
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(fr_sink_save_retry(fixture->queue, blocked, &paused, &fixture->err),
			 FR_OK);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
	for (int i = 0; i < DELIVERED; i++)
		assert_int_equal(record_sized(fixture, "x", FR_INFO, 900), FR_OK);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, working, DELIVERED / 2));
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, working, DELIVERED / 2));
	while (gone < DELIVERED) {
		assert_int_equal(record_sized(fixture, "x", FR_INFO, 900), FR_OK);
		gone = queue_fixture_ask(fixture, "SELECT gone FROM queue");
	}
	assert_int_equal(gone, DELIVERED);
	assert_int_equal(
		queue_fixture_ask(fixture, "SELECT dropped FROM ledger WHERE sink = 'working'"), 0);
	queue_fixture_verify(fixture);
}

static void events_in_a_batch_are_never_evicted(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_batch *batch, *again = NULL;
	int64_t sink, row;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 0; i < 50; i++)
		assert_int_equal(record_sized(fixture, "chatter", FR_TRACE, 900), FR_OK);
	batch = queue_fixture_claim(fixture, sink, 40);
	row = batch->row;
	fr_batch_free(batch);
	record_until_dropped(fixture, "note", FR_INFO);
	assert_int_equal(fr_batch_load(fixture->queue, row, &again, &fixture->err), FR_OK);
	assert_int_equal(again->count, 40);
	assert_int_equal(again->missing, 0);
	queue_fixture_ack(fixture, again);
	queue_fixture_verify(fixture);
}

static void a_reader_that_pins_the_log_makes_record_say_full_and_not_grow(void **state)
{
	struct queue_fixture *fixture = *state;
	enum fr_status status = FR_OK;
	char path[TEST_PATH_MAX];
	sqlite3 *reader = NULL;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	queue_fixture_record_many(fixture, 10);
	(void)test_folder_path(&fixture->folder, "queue.db", path);
	assert_int_equal(sqlite3_open(path, &reader), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM event", NULL, NULL, NULL),
		SQLITE_OK);
	for (int i = 0; i < 5000 && status == FR_OK; i++) {
		status = record_sized(fixture, "note", FR_INFO, 900);
		assert_true(queue_fixture_bytes(fixture) <= FR_QUEUE_MIN_BYTES);
	}
	assert_int_equal(status, FR_FULL);
	assert_non_null(strstr(fixture->err.text, "reader"));
	assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(record_sized(fixture, "note", FR_INFO, 900), FR_OK);
	(void)sqlite3_close(reader);
	queue_fixture_verify(fixture);
}

static void an_ack_finds_room_in_a_full_queue(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	record_until_dropped(fixture, "note", FR_INFO);
	for (int i = 0; i < 5; i++) {
		queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
		assert_true(queue_fixture_bytes(fixture) <= FR_QUEUE_MIN_BYTES);
	}
	queue_fixture_verify(fixture);
}

struct peak {
	struct queue_fixture *fixture;
	int64_t bytes;
};

/* Called by SQLite after each commit. */
static int see_peak(void *context, sqlite3 *db, const char *name, int frames)
{
	struct peak *peak = context;
	int64_t bytes = queue_fixture_bytes(peak->fixture);

	(void)db;
	(void)name;
	(void)frames;
	peak->bytes = bytes > peak->bytes ? bytes : peak->bytes;
	return SQLITE_OK;
}

static void a_purge_of_a_full_queue_stays_under_the_limit(void **state)
{
	struct queue_fixture *fixture = *state;
	struct peak peak = {.fixture = fixture};
	int64_t events = 0;

	set_limit(fixture, 8 * FR_QUEUE_MIN_BYTES);
	(void)queue_fixture_sinks(fixture, "a", NULL);
	record_until_dropped(fixture, "note", FR_INFO);
	(void)sqlite3_wal_hook(fixture->queue->db, see_peak, &peak);
	assert_int_equal(fr_queue_purge(fixture->queue, &events, &fixture->err), FR_OK);
	assert_true(events > 1000);
	assert_true(peak.bytes > 0 && peak.bytes <= 8 * FR_QUEUE_MIN_BYTES);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM event"), 1);
	queue_fixture_verify(fixture);
}

static void an_eviction_of_large_events_stays_under_the_limit_and_is_small(void **state)
{
	struct queue_fixture *fixture = *state;
	struct peak peak = {.fixture = fixture};

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	(void)sqlite3_wal_hook(fixture->queue->db, see_peak, &peak);
	for (int i = 0; i < 60; i++)
		assert_int_equal(record_sized(fixture, "stack", FR_ERROR, 48 * 1024), FR_OK);
	assert_true(peak.bytes > 0 && peak.bytes <= FR_QUEUE_MIN_BYTES);
	assert_true(queue_fixture_ask(fixture, "SELECT count(*) FROM pending") > 6);
	queue_fixture_verify(fixture);
}

static void large_events_that_nobody_wants_leave_in_small_steps(void **state)
{
	struct queue_fixture *fixture = *state;
	struct peak peak = {.fixture = fixture};
	const struct queue_event internal = {.internal = true, .bytes = 48 * 1024};
	int64_t sink;

	set_limit(fixture, 2 * FR_QUEUE_MIN_BYTES);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 0; i < 20; i++)
		assert_int_equal(queue_fixture_record(fixture, &internal, NULL), FR_OK);
	(void)sqlite3_wal_hook(fixture->queue->db, see_peak, &peak);
	assert_null(queue_fixture_claim(fixture, sink, 100));
	upkeep(fixture);
	assert_true(peak.bytes > 0 && peak.bytes <= 2 * FR_QUEUE_MIN_BYTES);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM pending"), 0);
	queue_fixture_verify(fixture);
}

static void without_an_agent_a_client_keeps_the_log_short(void **state)
{
	struct queue_fixture *fixture = *state;

	set_limit(fixture, 8 * FR_QUEUE_MIN_BYTES);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(record_sized(fixture, "note", FR_INFO, 900), FR_OK);
	assert_true(fr_room_wal_bytes(fixture->queue) <= 2 * FR_QUEUE_MIN_BYTES);
}

static void counting_what_was_refused_does_not_grow_the_log(void **state)
{
	struct queue_fixture *fixture = *state;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
			fr_queue_count_refused(fixture->queue,
					       &(struct fr_refused){"undeclared", "note", 1}, 1,
					       &fixture->err),
			FR_OK);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT sum(events) FROM refused"), 1000);
	assert_true(queue_fixture_bytes(fixture) <= FR_QUEUE_MIN_BYTES);
}

static void more_names_than_there_are_lines_are_counted_together(void **state)
{
	static struct fr_refused refused[1100];
	static char names[1100][32];
	struct queue_fixture *fixture = *state;

	for (int i = 0; i < 1100; i++) {
		(void)snprintf(names[i], sizeof names[i], "name.%d", i);
		refused[i] = (struct fr_refused){"undeclared", names[i], 2};
	}
	assert_int_equal(fr_queue_count_refused(fixture->queue, refused, 1100, &fixture->err),
			 FR_OK);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT sum(events) FROM refused"), 2200);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM refused"), 1001);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT events FROM refused"
						    " WHERE reason = 'many_names' AND"
						    " name = '(others)'"),
			 200);
}

static void a_lowered_limit_shrinks_the_file_again(void **state)
{
	struct queue_fixture *fixture = *state;

	set_limit(fixture, 8 * FR_QUEUE_MIN_BYTES);
	for (int i = 0; i < 4000; i++)
		assert_int_equal(record_sized(fixture, "note", FR_INFO, 900), FR_OK);
	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	for (int i = 0; i < 400; i++)
		(void)record_sized(fixture, "note", FR_INFO, 900);
	assert_int_equal(record_sized(fixture, "note", FR_INFO, 900), FR_OK);
	assert_true(queue_fixture_bytes(fixture) <= FR_QUEUE_MIN_BYTES);
	queue_fixture_verify(fixture);
}

static void sessions_without_events_do_not_pile_up(void **state)
{
	struct queue_fixture *fixture = *state;

	set_limit(fixture, FR_QUEUE_MIN_BYTES);
	for (int i = 0; i < 6000; i++) {
		fixture->session.row = 0;
		fixture->session.next_seq = 0;
		assert_int_equal(fr_uuid7(fixture->session.uuid, &fixture->world.env,
					  fixture->world.wall_us, NULL),
				 FR_OK);
		assert_int_equal(record_sized(fixture, "start", FR_INFO, 400), FR_OK);
	}
	assert_true(queue_fixture_ask(fixture, "SELECT count(*) FROM session") <
		    queue_fixture_ask(fixture, "SELECT count(*) FROM pending") + 1100);
	queue_fixture_verify(fixture);
}

static void a_queue_that_is_emptied_again_and_again_keeps_one_row(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	for (int i = 0; i < 5; i++) {
		queue_fixture_record_many(fixture, 2);
		queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
	}
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM event"), 1);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT max(id) FROM event"), 10);
	queue_fixture_verify(fixture);
}

static void history_is_kept_for_thirty_days(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, 3);
	queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
	test_world_pass(&fixture->world, 29 * DAY_US);
	upkeep(fixture);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT sum(events) FROM history"), 3);
	test_world_pass(&fixture->world, 2 * DAY_US);
	upkeep(fixture);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM history"), 0);
}

static void history_of_many_names_is_bounded(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink;

	fixture->options.max_bytes = FR_QUEUE_MIN_BYTES;
	queue_fixture_reopen(fixture);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 300; i++) {
			char name[32];

			(void)snprintf(name, sizeof name, "name_%d", i);
			assert_int_equal(record_sized(fixture, name, FR_INFO, 0), FR_OK);
		}
		for (int i = 0; i < 3; i++)
			queue_fixture_ack(fixture, queue_fixture_claim(fixture, sink, 100));
		test_world_pass(&fixture->world, INT64_C(660) * 1000000);
		upkeep(fixture);
	}
	assert_int_equal(queue_fixture_ask(fixture,
					   "SELECT max(n) <= 201 FROM (SELECT count(*) AS n "
					   "FROM history_entry GROUP BY minute)"),
			 1);
	assert_true(queue_fixture_ask(fixture, "SELECT count(*) FROM history_entry") <= 512 + 201);
	assert_int_equal(queue_fixture_ask(fixture,
					   "SELECT sum(events) FROM history_entry WHERE "
					   "minute = (SELECT max(minute) FROM history_entry)"),
			 300);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(the_files_stay_under_the_limit_at_every_moment),
		WITH_QUEUE(large_events_stay_under_the_limit_too),
		WITH_QUEUE(a_full_queue_drops_the_oldest_debug_event_first),
		WITH_QUEUE(
			what_only_a_blocked_sink_wants_goes_before_what_a_working_one_will_deliver),
		WITH_QUEUE(events_in_a_batch_are_never_evicted),
		WITH_QUEUE(a_reader_that_pins_the_log_makes_record_say_full_and_not_grow),
		WITH_QUEUE(an_ack_finds_room_in_a_full_queue),
		WITH_QUEUE(a_purge_of_a_full_queue_stays_under_the_limit),
		WITH_QUEUE(an_eviction_of_large_events_stays_under_the_limit_and_is_small),
		WITH_QUEUE(large_events_that_nobody_wants_leave_in_small_steps),
		WITH_QUEUE(without_an_agent_a_client_keeps_the_log_short),
		WITH_QUEUE(counting_what_was_refused_does_not_grow_the_log),
		WITH_QUEUE(more_names_than_there_are_lines_are_counted_together),
		WITH_QUEUE(a_lowered_limit_shrinks_the_file_again),
		WITH_QUEUE(sessions_without_events_do_not_pile_up),
		WITH_QUEUE(a_queue_that_is_emptied_again_and_again_keeps_one_row),
		WITH_QUEUE(history_is_kept_for_thirty_days),
		WITH_QUEUE(history_of_many_names_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The record of what was sent: what it says, how it is bounded, and when it goes. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "queue/db.h"
#include "queue/inspect.h"
#include "queue/room.h"
#include "queue/sent.h"
#include "support/queue_fixture.h"
#include "support/test.h"

#define DAY_US (INT64_C(86400) * 1000000)

static void keep(struct queue_fixture *fixture, enum fr_keep_sent what)
{
	fixture->options.keep_sent = what;
	queue_fixture_reopen(fixture);
}

static void upkeep(struct queue_fixture *fixture, int64_t days)
{
	struct fr_upkeep step = {.idle = true, .max_age_ms = days * DAY_US / 1000};

	do {
		if (fr_queue_upkeep(fixture->queue, &step, &fixture->err) != FR_OK)
			fail_msg("%s", fixture->err.text);
	} while (step.more);
}

/* One batch through its whole life, with its note in the transaction of its ack. */
static void deliver(struct queue_fixture *fixture, int64_t sink, const char *body)
{
	struct fr_batch *batch = queue_fixture_claim(fixture, sink, 100);
	struct fr_sent_note note = {.batch = batch, .status = 202, .body = body};

	assert_non_null(batch);
	note.accepted = batch->count;
	note.body_bytes = body != NULL ? (int64_t)strlen(body) : 1234;
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(fr_batch_ack(fixture->queue, batch, NULL, 0, &fixture->err), FR_OK);
	if (fr_sent_add(fixture->queue, &note, &fixture->err) != FR_OK)
		fail_msg("%s", fixture->err.text);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
	fr_batch_free(batch);
}

static void record_and_deliver(struct queue_fixture *fixture, int64_t sink, unsigned batches)
{
	for (unsigned i = 0; i < batches; i++) {
		queue_fixture_record_many(fixture, 1);
		deliver(fixture, sink, NULL);
	}
}

static int64_t rows(struct queue_fixture *fixture)
{
	return queue_fixture_ask(fixture, "SELECT count(*) FROM sent");
}

static void it_says_when_what_and_how_much_went_where(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event other = {.name = "api:call"};
	int64_t sink;

	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	queue_fixture_record_many(fixture, 2);
	assert_int_equal(queue_fixture_record(fixture, &other, NULL), FR_OK);
	deliver(fixture, sink, NULL);
	assert_int_equal(
		queue_fixture_ask(
			fixture,
			"SELECT count(*) FROM sent WHERE time = '2026-11-22T08:35:00.000Z' AND "
			"sink = 'a' AND status = 202 AND events = 3 AND accepted = 3 AND bytes = "
			"1234 AND names = '{\"tool_use_error\":2,\"api:call\":1}' AND body IS NULL "
			"AND length(batch) = 36"),
		1);
	queue_fixture_verify(fixture);
}

static void what_was_left_out_of_the_request_is_not_in_it(void **state)
{
	struct queue_fixture *fixture = *state;
	const size_t left_out[] = {0, 2};
	struct fr_sent_note note = {.left_out = left_out, .left_out_count = 2, .accepted = 1};
	struct fr_batch *batch;
	int64_t sink;

	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	queue_fixture_record_many(fixture, 3);
	batch = queue_fixture_claim(fixture, sink, 100);
	note.batch = batch;
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(fr_sent_add(fixture->queue, &note, &fixture->err), FR_OK);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
	fr_batch_free(batch);
	assert_int_equal(queue_fixture_ask(fixture,
					   "SELECT count(*) FROM sent WHERE events = 1 AND "
					   "names = '{\"tool_use_error\":1}'"),
			 1);
}

static void names_beyond_32_are_counted_together(void **state)
{
	struct queue_fixture *fixture = *state;
	char name[16];
	int64_t sink;

	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 0; i < 40; i++) {
		const struct queue_event event = {.name = name};

		(void)snprintf(name, sizeof name, "n%d", i);
		assert_int_equal(queue_fixture_record(fixture, &event, NULL), FR_OK);
	}
	deliver(fixture, sink, NULL);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT names ->> '$.\"(other names)\"' "
						    "FROM sent"),
			 8);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT names ->> '$.n31' FROM sent"), 1);
}

static void it_holds_a_thousand_requests_and_hardly_more(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink, left;

	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	record_and_deliver(fixture, sink, FR_SENT_ROWS + 200);
	left = rows(fixture);
	assert_in_range(left, FR_SENT_ROWS, FR_SENT_ROWS + 32);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT max(id) FROM sent"),
			 FR_SENT_ROWS + 200);
}

static void bodies_are_kept_only_where_that_is_asked_for(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink;

	keep(fixture, FR_KEEP_COUNTS);
	assert_false(fr_sent_wants_body(fixture->queue, 10));
	keep(fixture, FR_KEEP_BODIES);
	assert_true(fr_sent_wants_body(fixture->queue, 10));
	sink = queue_fixture_sinks(fixture, "a", NULL);
	queue_fixture_record_many(fixture, 1);
	deliver(fixture, sink, "[{\"a\":1}]");
	assert_int_equal(queue_fixture_ask(fixture, "SELECT body = '[{\"a\":1}]' FROM sent"), 1);
	keep(fixture, FR_KEEP_COUNTS);
	assert_int_equal(fr_sent_suit(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) - count(body) FROM sent"), 1);
	keep(fixture, FR_KEEP_NOTHING);
	assert_int_equal(fr_sent_suit(fixture->queue, &fixture->err), FR_OK);
	record_and_deliver(fixture, sink, 1);
	assert_int_equal(rows(fixture), 0);
}

/* A sixteenth of max_bytes. */
static void bodies_have_their_share_of_the_file_and_no_more(void **state)
{
	struct queue_fixture *fixture = *state;
	static char body[20001];
	int64_t sink;

	memset(body, 'x', sizeof body - 1);
	fixture->options.max_bytes = FR_QUEUE_MIN_BYTES;
	keep(fixture, FR_KEEP_BODIES);
	assert_false(fr_sent_wants_body(fixture->queue, FR_QUEUE_MIN_BYTES / FR_SENT_SHARE));
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 0; i < 30; i++) {
		queue_fixture_record_many(fixture, 1);
		deliver(fixture, sink, body);
		assert_true(queue_fixture_bytes(fixture) <= FR_QUEUE_MIN_BYTES);
		upkeep(fixture, 30);
	}
	assert_in_range(queue_fixture_ask(fixture, "SELECT sum(length(body)) FROM sent"), 40000,
			FR_QUEUE_MIN_BYTES / FR_SENT_SHARE + (int64_t)sizeof body);
}

static void it_is_given_up_before_any_event(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event large = {.bytes = 900};
	int64_t sink;

	fixture->options.max_bytes = FR_QUEUE_MIN_BYTES;
	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	record_and_deliver(fixture, sink, 500);
	assert_in_range(rows(fixture), 300, 500);
	for (int i = 0; i < 5000 && rows(fixture) > 0; i++) {
		assert_int_equal(queue_fixture_record(fixture, &large, NULL), FR_OK);
		assert_int_equal(queue_fixture_ask(fixture, "SELECT dropped FROM ledger"), 0);
	}
	assert_int_equal(rows(fixture), 0);
}

/* Acks go on, and so does the record, where hardly a page is left. */
static void a_full_file_still_takes_acks_and_stays_under_its_limit(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct queue_event large = {.bytes = 900};
	int64_t sink;

	fixture->options.max_bytes = FR_QUEUE_MIN_BYTES;
	keep(fixture, FR_KEEP_BODIES);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 0; i < 3000; i++) {
		assert_int_equal(queue_fixture_record(fixture, &large, NULL), FR_OK);
		if (i % 50 == 49)
			deliver(fixture, sink, "[1]");
		assert_true(queue_fixture_bytes(fixture) <= FR_QUEUE_MIN_BYTES);
	}
	queue_fixture_verify(fixture);
}

static void a_purge_leaves_nothing_of_it(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink, purged;

	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	record_and_deliver(fixture, sink, 3);
	assert_int_equal(fr_queue_purge(fixture->queue, &purged, &fixture->err), FR_OK);
	assert_int_equal(rows(fixture), 0);
}

/* The clocks must have agreed for a day before anything is too old. */
static void it_is_kept_no_longer_than_events_are(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink;

	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	record_and_deliver(fixture, sink, 2);
	upkeep(fixture, 30);
	fixture->world.wall_us += 3650 * DAY_US; /* a jump of ten years */
	fixture->world.boot_us += DAY_US / 24;
	upkeep(fixture, 30);
	assert_int_equal(rows(fixture), 2);
	fixture->world.wall_us -= 3650 * DAY_US;
	for (int i = 0; i < 40; i++) {
		test_world_pass(&fixture->world, DAY_US);
		upkeep(fixture, 30);
	}
	assert_int_equal(rows(fixture), 0);
}

static void dead_letters_are_kept_no_longer_than_events_are(void **state)
{
	struct queue_fixture *fixture = *state;
	const struct fr_refusal why = {.reason = "no", .status = 400, .answer = ""};
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);
	struct fr_batch *batch;

	queue_fixture_record_many(fixture, 3);
	batch = queue_fixture_claim(fixture, sink, 100);
	assert_int_equal(fr_queue_begin(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(fr_batch_bury(fixture->queue, batch, &why, &fixture->err), FR_OK);
	assert_int_equal(fr_queue_commit(fixture->queue, &fixture->err), FR_OK);
	fr_batch_free(batch);
	for (int i = 0; i < 28; i++) {
		test_world_pass(&fixture->world, DAY_US);
		upkeep(fixture, 30);
	}
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters"), 3);
	for (int i = 0; i < 4; i++) {
		test_world_pass(&fixture->world, DAY_US);
		upkeep(fixture, 30);
	}
	assert_int_equal(queue_fixture_ask(fixture, "SELECT count(*) FROM dead_letters"), 0);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT events FROM ledger_entry WHERE kind = "
						    "'dropped' AND reason = 'age'"),
			 3);
	queue_fixture_verify(fixture);
}

static void damaged_copies_are_kept_no_longer_than_events_are(void **state)
{
	struct queue_fixture *fixture = *state;
	char name[64], path[TEST_PATH_MAX];

	queue_fixture_record_many(fixture, 1);
	assert_int_equal(fr_queue_repair(fixture->queue, &fixture->err), FR_OK);
	(void)snprintf(name, sizeof name, "queue.db.damaged-%lld",
		       (long long)(fixture->world.wall_us / 1000000));
	(void)test_folder_path(&fixture->folder, name, path);
	for (int i = 0; i < 28; i++) {
		test_world_pass(&fixture->world, DAY_US);
		upkeep(fixture, 30);
	}
	assert_int_equal(access(path, F_OK), 0);
	for (int i = 0; i < 4; i++) {
		test_world_pass(&fixture->world, DAY_US);
		upkeep(fixture, 30);
	}
	assert_int_not_equal(access(path, F_OK), 0);
}

static void a_salvage_carries_it_over(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink;

	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	record_and_deliver(fixture, sink, 3);
	assert_int_equal(fr_queue_repair(fixture->queue, &fixture->err), FR_OK);
	assert_int_equal(rows(fixture), 3);
}

struct seen {
	int count;
	int64_t last_bytes;
	bool ascends;
};

static bool on_sent(void *context, const struct fr_sent *sent)
{
	struct seen *seen = context;

	seen->ascends = seen->ascends && sent->bytes > seen->last_bytes;
	seen->last_bytes = sent->bytes;
	seen->count++;
	return true;
}

static void the_last_so_many_are_told_oldest_first(void **state)
{
	struct queue_fixture *fixture = *state;
	struct fr_snapshot *snapshot = NULL;
	struct seen seen = {.ascends = true};
	char body[16];
	int64_t sink;

	keep(fixture, FR_KEEP_COUNTS);
	sink = queue_fixture_sinks(fixture, "a", NULL);
	for (int i = 1; i <= 5; i++) {
		(void)snprintf(body, sizeof body, "%.*s", i, "0123456789");
		queue_fixture_record_many(fixture, 1);
		deliver(fixture, sink, body);
	}
	assert_int_equal(fr_snapshot_open_beside(&snapshot, fixture->folder.path,
						 &fixture->world.env, &fixture->err),
			 FR_OK);
	assert_int_equal(fr_snapshot_sent(snapshot, "a", 3, on_sent, &seen, &fixture->err), FR_OK);
	assert_int_equal(seen.count, 3);
	assert_true(seen.ascends);
	assert_int_equal(seen.last_bytes, 5);
	assert_int_equal(fr_snapshot_sent(snapshot, "b", 3, on_sent, &seen, &fixture->err), FR_OK);
	assert_int_equal(seen.count, 3);
	fr_snapshot_close(snapshot);
}

#define SENT_TEST(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SENT_TEST(it_says_when_what_and_how_much_went_where),
		SENT_TEST(what_was_left_out_of_the_request_is_not_in_it),
		SENT_TEST(names_beyond_32_are_counted_together),
		SENT_TEST(it_holds_a_thousand_requests_and_hardly_more),
		SENT_TEST(bodies_are_kept_only_where_that_is_asked_for),
		SENT_TEST(bodies_have_their_share_of_the_file_and_no_more),
		SENT_TEST(it_is_given_up_before_any_event),
		SENT_TEST(a_full_file_still_takes_acks_and_stays_under_its_limit),
		SENT_TEST(a_purge_leaves_nothing_of_it),
		SENT_TEST(it_is_kept_no_longer_than_events_are),
		SENT_TEST(dead_letters_are_kept_no_longer_than_events_are),
		SENT_TEST(damaged_copies_are_kept_no_longer_than_events_are),
		SENT_TEST(a_salvage_carries_it_over),
		SENT_TEST(the_last_so_many_are_told_oldest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

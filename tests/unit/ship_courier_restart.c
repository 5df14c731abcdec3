/* What survives: crashes, restarts, upgrades, changed settings, and a queue that fails. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/lock.h"
#include "unit/courier_fixture.h"

#define T(test) cmocka_unit_test_setup_teardown(test, courier_set_up, courier_tear_down)

static const int64_t minute_ms = 60000;

static int64_t ask(struct courier_world *world, const char *sql)
{
	return queue_fixture_ask(world->queue, sql);
}

static void expect_same_request(const struct courier_sent *a, const struct courier_sent *b)
{
	assert_string_equal(a->batch, b->batch);
	assert_int_equal(a->length, b->length);
	assert_memory_equal(a->body, b->body, a->length);
}

/* ---- crashes and restarts ---- */

static void a_batch_under_way_at_a_crash_goes_again_as_the_same_bytes(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	courier_close(world);
	assert_int_equal(ask(world, "SELECT count(*) FROM batch WHERE maybe_taken"), 1);
	queue_fixture_record_many(world->queue, 100);
	test_world_pass(&world->queue->world, 3600000000);
	queue_fixture_reopen(world->queue);
	courier_open(world);
	assert_int_equal(world->sent_count, 2);
	expect_same_request(&world->sent[0], &world->sent[1]);
	world->serve = courier_serve_ok;
	courier_answer(world, 200);
	assert_int_equal(world->sent_count, 3);
	assert_int_equal(courier_booked(world, "delivered"), 200);
}

static void a_backoff_goes_on_after_a_restart_where_it_was(void **state)
{
	struct courier_world *world = *state;
	int64_t left_ms;
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (i = 0; i < 8; i++) {
		courier_answer(world, 503);
		courier_flush(world);
	}
	courier_answer(world, 503);
	left_ms = courier_state(world).next_attempt_in_ms;
	assert_true(left_ms > 100000);
	courier_close(world);
	test_world_pass(&world->queue->world, (left_ms - 5000) * 1000);
	world->queue->world.wall_us -= INT64_C(86400) * 1000000; /* means nothing */
	courier_open(world);
	courier_expect(world, FR_COURIER_WAITING, "overloaded");
	assert_in_range(courier_state(world).next_attempt_in_ms, 4900, 5001);
	assert_int_equal(world->sent_count, 9);
	courier_pass(world, 5001);
	assert_int_equal(world->sent_count, 10);
}

static void a_503_without_a_wish_is_no_wish_after_a_restart(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 503);
	courier_close(world);
	courier_open(world);
	courier_expect(world, FR_COURIER_WAITING, "overloaded");
	courier_flush(world);
	assert_int_equal(world->sent_count, 2);
}

static void a_servers_wish_is_kept_to_after_a_restart_also_against_a_flush(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	world->retry_after = "600";
	courier_answer(world, 503);
	courier_close(world);
	courier_open(world);
	courier_flush(world);
	assert_int_equal(world->sent_count, 1);
	courier_pass(world, 661000);
	assert_int_equal(world->sent_count, 2);
}

static void clocks_that_jump_ten_years_cause_neither_a_storm_nor_a_freeze(void **state)
{
	const int64_t years_us = INT64_C(10) * 365 * 24 * 3600 * 1000000;
	struct courier_world *world = *state;
	int i;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	for (i = 0; i < 6; i++) {
		courier_answer(world, 500);
		world->queue->world.wall_us += i % 2 == 0 ? years_us : -2 * years_us;
		courier_wake(world);
		assert_int_equal(world->sent_count, (size_t)i + 1);
		courier_pass(world, 5 * minute_ms);
		assert_int_equal(world->sent_count, (size_t)i + 2);
	}
}

/* "Accepted something within a day" means nothing after such a jump: then it may be the setup. */
static void a_clock_that_jumps_ten_years_buries_nothing(void **state)
{
	const int64_t years_us = INT64_C(10) * 365 * 24 * 3600 * 1000000;
	struct courier_world *world = *state;
	int sign;

	courier_open(world);
	for (sign = -1; sign <= 1; sign += 2) {
		queue_fixture_record_many(world->queue, 1);
		courier_flush(world);
		courier_answer(world, 200);
		world->queue->world.wall_us += sign * years_us;
		queue_fixture_record_many(world->queue, 1);
		courier_flush(world);
		courier_answer(world, 400);
		courier_answer(world, 400);
		courier_expect(world, FR_COURIER_PAUSED, "setup");
		assert_int_equal(courier_booked(world, "dead"), 0);
		assert_int_equal(courier_state(world).next_attempt_in_ms, 15 * minute_ms);
		courier_pass(world, 15 * minute_ms);
		courier_answer(world, 200);
	}
	assert_int_equal(courier_booked(world, "delivered"), 4);
}

/* ---- when the same bytes may not, or cannot, go again ---- */

static void an_event_that_may_no_longer_be_sent_dissolves_its_batch(void **state)
{
	static const char *const list[] = {"wanted"};
	const struct queue_event wanted = {.name = "wanted"};
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	assert_int_equal(queue_fixture_record(world->queue, &wanted, NULL), FR_OK);
	courier_flush(world);
	assert_int_equal(courier_last(world)->events, 3);
	courier_close(world);
	world->settings.events = list;
	courier_open(world);
	assert_int_equal(world->sent_count, 2);
	assert_int_equal(courier_last(world)->events, 1);
	assert_string_not_equal(world->sent[0].batch, world->sent[1].batch);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 1);
	assert_int_equal(courier_booked(world, "unwanted"), 2);
}

static void a_batch_of_which_nothing_may_be_sent_any_more_is_gone(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	courier_close(world);
	world->settings.min_severity = FR_FATAL;
	courier_open(world);
	assert_int_equal(world->sent_count, 1);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "unwanted"), 2);
}

static void a_row_planted_in_a_batch_by_hand_does_not_leave(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 3);
	courier_flush(world);
	courier_answer(world, 500);
	courier_close(world);
	courier_tamper(world, "UPDATE event SET internal = 1, name = 'secret' WHERE seq = 1");
	courier_open(world);
	courier_flush(world);
	assert_int_equal(courier_last(world)->events, 2);
	assert_null(strstr(courier_last(world)->body, "secret"));
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 2);
	assert_int_equal(courier_booked(world, "unwanted"), 1);
}

static void a_row_deleted_by_hand_dissolves_its_batch(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 3);
	courier_flush(world);
	courier_answer(world, 500);
	courier_close(world);
	courier_tamper(world, "DELETE FROM event WHERE seq = 0");
	courier_open(world);
	courier_flush(world);
	assert_int_equal(courier_last(world)->events, 2);
	assert_string_not_equal(world->sent[0].batch, courier_last(world)->batch);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 2);
	/* The row that somebody took is missing from the books for good: put it right for the
	 * check. */
	courier_tamper(world, "UPDATE queue SET gone = gone + 1");
}

static void bytes_that_come_out_otherwise_get_a_new_id_when_they_may_have_been_taken(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	courier_silence(world, FR_OUTCOME_AMBIGUOUS);
	courier_close(world);
	courier_tamper(world, "UPDATE session SET version = '2.0.0'"); /* as a new encoder might */
	courier_open(world);
	courier_flush(world);
	assert_int_equal(world->sent_count, 2);
	assert_string_not_equal(world->sent[0].batch, world->sent[1].batch);
	assert_int_equal(courier_last(world)->events, 2);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 2);
}

static void bytes_that_come_out_otherwise_keep_the_id_that_was_refused(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	courier_answer(world, 429);
	courier_close(world);
	courier_tamper(world, "UPDATE session SET version = '2.0.0'");
	courier_open(world);
	courier_pass(world, minute_ms);
	assert_int_equal(world->sent_count, 2);
	assert_string_equal(world->sent[0].batch, world->sent[1].batch);
	courier_close(world);
	courier_open(world);
	expect_same_request(&world->sent[1], &world->sent[2]);
}

static void datadogs_age_window_dissolves_a_batch_before_its_edge(void **state)
{
	struct courier_world *world = *state;

	world->settings.type = "datadog";
	world->settings.site = "datadoghq.com";
	world->settings.url = "";
	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	courier_silence(world, FR_OUTCOME_AMBIGUOUS);
	courier_close(world);
	test_world_pass(&world->queue->world, INT64_C(17) * 3600 * 1000000);
	courier_open(world);
	assert_int_equal(world->sent_count, 2);
	assert_string_equal(world->sent[0].body, world->sent[1].body);
	courier_close(world);
	test_world_pass(&world->queue->world, INT64_C(1) * 3600 * 1000000);
	courier_open(world);
	assert_int_equal(world->sent_count, 3);
	assert_null(strstr(world->sent[2].body, "\"timestamp\":"));
	assert_non_null(strstr(world->sent[2].body, "late:true"));
	assert_non_null(strstr(world->sent[2].body, "\"lateSeconds\":64800"));
	courier_answer(world, 202);
	assert_int_equal(courier_booked(world, "delivered"), 2);
}

/* ---- a queue that fails ---- */

/* Somebody else holds queue.lock: every transaction is FR_BUSY at once. */
static struct fr_lock *hold_the_lock(struct courier_world *world)
{
	char path[TEST_PATH_MAX];
	struct fr_lock *lock;
	struct fr_error err = {.text = ""};

	(void)test_folder_path(&world->queue->folder, "queue.lock", path);
	assert_int_equal(fr_lock_open(&lock, path, &err), FR_OK);
	assert_int_equal(fr_lock_acquire(lock, 1000, &err), FR_OK);
	return lock;
}

static void quick_to_give_up(struct courier_world *world)
{
	world->queue->options.busy_ms = 1;
	queue_fixture_reopen(world->queue);
}

static void an_answer_that_cannot_be_booked_is_kept_and_its_batch_not_sent_again(void **state)
{
	struct courier_world *world = *state;
	struct fr_lock *lock;
	int i;

	quick_to_give_up(world);
	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	lock = hold_the_lock(world);
	courier_answer(world, 200);
	courier_expect(world, FR_COURIER_ACKING, "queue");
	for (i = 0; i < 30; i++) {
		assert_true(courier_state(world).next_attempt_in_ms <= 5000);
		courier_pass(world, 5000);
		courier_flush(world);
	}
	assert_int_equal(world->sent_count, 1);
	assert_true(fr_courier_is_busy(world->courier));
	assert_int_equal(courier_booked(world, "delivered"), 0);
	fr_lock_release(lock);
	courier_pass(world, 5000);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(world->sent_count, 1);
	assert_int_equal(courier_booked(world, "delivered"), 2);
	fr_lock_close(lock);
}

static void a_claim_that_cannot_be_committed_is_tried_again(void **state)
{
	struct courier_world *world = *state;
	struct fr_lock *lock;

	quick_to_give_up(world);
	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	lock = hold_the_lock(world);
	courier_flush(world);
	courier_expect(world, FR_COURIER_CLAIMING, "queue");
	assert_int_equal(world->sent_count, 0);
	assert_false(fr_courier_is_done(world->courier));
	fr_lock_release(lock);
	courier_pass(world, 5000);
	assert_int_equal(world->sent_count, 1);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 2);
	fr_lock_close(lock);
}

static void stop_lets_an_answer_be_booked_that_the_queue_refused_so_far(void **state)
{
	struct courier_world *world = *state;
	struct fr_lock *lock;

	quick_to_give_up(world);
	courier_open(world);
	queue_fixture_record_many(world->queue, 150);
	courier_wake(world);
	lock = hold_the_lock(world);
	courier_answer(world, 200);
	fr_courier_stop(world->courier);
	courier_run(world);
	assert_true(fr_courier_is_busy(world->courier));
	fr_lock_release(lock);
	courier_pass(world, 5000);
	assert_false(fr_courier_is_busy(world->courier));
	assert_int_equal(courier_booked(world, "delivered"), 100);
	assert_int_equal(world->sent_count, 1);
	fr_lock_close(lock);
}

static void a_crash_with_an_answer_in_hand_sends_the_batch_once_more(void **state)
{
	struct courier_world *world = *state;
	struct fr_lock *lock;

	quick_to_give_up(world);
	courier_open(world);
	queue_fixture_record_many(world->queue, 2);
	courier_flush(world);
	lock = hold_the_lock(world);
	courier_answer(world, 200);
	courier_close(world);
	fr_lock_release(lock);
	courier_open(world);
	assert_int_equal(world->sent_count, 2);
	expect_same_request(&world->sent[0], &world->sent[1]);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 2);
	fr_lock_close(lock);
}

/* ---- several sinks ---- */

static void a_sink_that_is_down_does_not_delay_another(void **state)
{
	struct courier_world *world = *state;
	struct courier_world *other = calloc(1, sizeof *other);
	size_t i;

	assert_non_null(other);
	*other = *world;
	other->sink = queue_fixture_sinks(world->queue, "first", "second");
	other->settings.name = "second";
	other->serve = courier_serve_ok;
	courier_open(world);
	courier_open(other);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	courier_silence(world, FR_OUTCOME_OFFLINE);
	courier_wake(other);
	courier_expect(world, FR_COURIER_WAITING, "offline");
	courier_expect(other, FR_COURIER_IDLE, "");
	assert_int_equal(courier_booked(world, "delivered"), 100);
	assert_int_equal(ask(world, "SELECT count(*) FROM event WHERE name <> ''"), 100);
	courier_pass(world, minute_ms);
	courier_answer(world, 200);
	assert_int_equal(courier_booked(world, "delivered"), 200);
	assert_int_equal(ask(world, "SELECT count(*) FROM event WHERE name <> ''"), 0);
	courier_close(other);
	for (i = 0; i < other->sent_count; i++)
		free(other->sent[i].body);
	free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_batch_under_way_at_a_crash_goes_again_as_the_same_bytes),
		T(a_backoff_goes_on_after_a_restart_where_it_was),
		T(a_503_without_a_wish_is_no_wish_after_a_restart),
		T(a_servers_wish_is_kept_to_after_a_restart_also_against_a_flush),
		T(clocks_that_jump_ten_years_cause_neither_a_storm_nor_a_freeze),
		T(a_clock_that_jumps_ten_years_buries_nothing),
		T(an_event_that_may_no_longer_be_sent_dissolves_its_batch),
		T(a_batch_of_which_nothing_may_be_sent_any_more_is_gone),
		T(a_row_planted_in_a_batch_by_hand_does_not_leave),
		T(a_row_deleted_by_hand_dissolves_its_batch),
		T(bytes_that_come_out_otherwise_get_a_new_id_when_they_may_have_been_taken),
		T(bytes_that_come_out_otherwise_keep_the_id_that_was_refused),
		T(datadogs_age_window_dissolves_a_batch_before_its_edge),
		T(an_answer_that_cannot_be_booked_is_kept_and_its_batch_not_sent_again),
		T(a_claim_that_cannot_be_committed_is_tried_again),
		T(stop_lets_an_answer_be_booked_that_the_queue_refused_so_far),
		T(a_crash_with_an_answer_in_hand_sends_the_batch_once_more),
		T(a_sink_that_is_down_does_not_delay_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

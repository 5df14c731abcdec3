/* When a batch goes: by number, by age, by flush; how large it is; and what an idle courier does.
 */
#include "support/test.h"

#include <event2/event.h>
#include <string.h>

#include "unit/courier_fixture.h"

static void an_empty_queue_leaves_the_courier_idle_without_a_timer(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	courier_expect(world, FR_COURIER_IDLE, "");
	courier_wake(world);
	assert_int_equal(event_base_get_num_events(world->loop, EVENT_BASE_COUNT_ADDED), 0);
	assert_int_equal(world->sent_count, 0);
	assert_true(fr_courier_is_done(world->courier));
}

static void a_few_events_wait_until_the_oldest_has_waited_long_enough(void **state)
{
	struct courier_world *world = *state;

	world->serve = courier_serve_ok;
	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_wake(world);
	assert_false(fr_courier_is_done(world->courier));
	courier_pass(world, 10000);
	queue_fixture_record_many(world->queue, 2);
	courier_wake(world);
	courier_pass(world, 4999);
	assert_int_equal(world->sent_count, 0);
	assert_int_equal(event_base_get_num_events(world->loop, EVENT_BASE_COUNT_ADDED), 1);
	courier_pass(world, 1);
	assert_int_equal(world->sent_count, 1);
	assert_int_equal(courier_last(world)->events, 3);
	assert_true(fr_courier_is_done(world->courier));
	assert_int_equal(event_base_get_num_events(world->loop, EVENT_BASE_COUNT_ADDED), 0);
}

static void a_full_batch_goes_at_once_and_the_rest_waits(void **state)
{
	struct courier_world *world = *state;

	world->serve = courier_serve_ok;
	courier_open(world);
	queue_fixture_record_many(world->queue, 99);
	courier_wake(world);
	assert_int_equal(world->sent_count, 0);
	queue_fixture_record_many(world->queue, 151);
	courier_wake(world);
	assert_int_equal(world->sent_count, 2);
	assert_int_equal(world->sent[0].events, 100);
	assert_int_equal(world->sent[1].events, 100);
	courier_pass(world, 14999);
	assert_int_equal(world->sent_count, 2);
	courier_pass(world, 1);
	assert_int_equal(world->sent_count, 3);
	assert_int_equal(world->sent[2].events, 50);
	assert_int_equal(courier_booked(world, "delivered"), 250);
	assert_int_equal(courier_state(world).delivered_events, 250);
	assert_int_equal(courier_state(world).acked_batches, 3);
}

static void a_batch_closes_at_its_bytes_too(void **state)
{
	const struct queue_event large = {.bytes = 4000};
	struct courier_world *world = *state;
	int i;

	world->settings.max_bytes = 10000;
	world->serve = courier_serve_ok;
	courier_open(world);
	for (i = 0; i < 6; i++)
		assert_int_equal(queue_fixture_record(world->queue, &large, NULL), FR_OK);
	courier_flush(world);
	assert_int_equal(world->sent_count, 3);
	assert_int_equal(world->sent[0].events, 2);
	assert_int_equal(courier_booked(world, "delivered"), 6);
}

static void a_flush_sends_what_is_there_and_nothing_later(void **state)
{
	struct courier_world *world = *state;

	world->serve = courier_serve_ok;
	courier_open(world);
	queue_fixture_record_many(world->queue, 130);
	courier_flush(world);
	assert_int_equal(world->sent_count, 2);
	assert_int_equal(world->sent[1].events, 30);
	queue_fixture_record_many(world->queue, 1);
	courier_wake(world);
	assert_int_equal(world->sent_count, 2);
	courier_flush(world);
	assert_int_equal(world->sent_count, 3);
	courier_flush(world);
	assert_int_equal(world->sent_count, 3);
}

static void a_flush_while_a_request_is_under_way_covers_what_came_meanwhile(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	assert_int_equal(world->sent_count, 1);
	courier_answer(world, 200);
	assert_int_equal(world->sent_count, 2);
	courier_answer(world, 200);
	assert_true(fr_courier_is_done(world->courier));
}

static void rows_leave_only_after_a_2xx(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 3);
	courier_flush(world);
	courier_expect(world, FR_COURIER_SENDING, "");
	assert_int_equal(
		queue_fixture_ask(world->queue, "SELECT count(*) FROM event WHERE name <> ''"), 3);
	courier_answer(world, 202);
	courier_expect(world, FR_COURIER_IDLE, "");
	assert_int_equal(
		queue_fixture_ask(world->queue, "SELECT count(*) FROM event WHERE name <> ''"), 0);
	assert_int_equal(courier_booked(world, "delivered"), 3);
}

static void what_the_sink_does_not_want_is_booked_and_passed_by(void **state)
{
	static const char *const list[] = {"api_*"};
	const struct queue_event wanted = {.name = "api_call"};
	struct courier_world *world = *state;

	world->settings.events = list;
	world->serve = courier_serve_ok;
	courier_open(world);
	queue_fixture_record_many(world->queue, 4);
	courier_flush(world);
	assert_int_equal(world->sent_count, 0);
	assert_int_equal(courier_booked(world, "unwanted"), 4);
	assert_int_equal(queue_fixture_record(world->queue, &wanted, NULL), FR_OK);
	courier_flush(world);
	assert_int_equal(world->sent_count, 1);
	assert_int_equal(courier_booked(world, "delivered"), 1);
	assert_true(fr_courier_is_done(world->courier));
}

static void thousands_of_rows_that_may_not_leave_do_not_hide_one_that_may(void **state)
{
	const struct queue_event local = {.local = true};
	struct courier_world *world = *state;
	int i;

	world->serve = courier_serve_ok;
	courier_open(world);
	for (i = 0; i < 2500; i++)
		assert_int_equal(queue_fixture_record(world->queue, &local, NULL), FR_OK);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	assert_int_equal(world->sent_count, 1);
	assert_int_equal(courier_last(world)->events, 1);
	assert_null(strstr(courier_last(world)->body, "local"));
}

static void internal_events_and_low_severities_stay(void **state)
{
	const struct queue_event internal = {.name = "inside", .internal = true},
				 debug = {.name = "detail", .severity = FR_DEBUG},
				 warn = {.name = "trouble", .severity = FR_WARN};
	struct courier_world *world = *state;

	world->settings.min_severity = FR_WARN;
	world->serve = courier_serve_ok;
	courier_open(world);
	assert_int_equal(queue_fixture_record(world->queue, &internal, NULL), FR_OK);
	assert_int_equal(queue_fixture_record(world->queue, &debug, NULL), FR_OK);
	assert_int_equal(queue_fixture_record(world->queue, &warn, NULL), FR_OK);
	courier_flush(world);
	assert_int_equal(courier_last(world)->events, 1);
	assert_non_null(strstr(courier_last(world)->body, "trouble"));
	assert_int_equal(courier_booked(world, "unwanted"), 2);
}

static void a_wall_clock_that_jumps_neither_hastens_nor_delays_a_batch(void **state)
{
	const int64_t years_us = INT64_C(10) * 365 * 24 * 3600 * 1000000;
	struct courier_world *world = *state;

	world->serve = courier_serve_ok;
	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_wake(world);
	world->queue->world.wall_us += years_us;
	courier_wake(world);
	assert_int_equal(world->sent_count, 0);
	world->queue->world.wall_us -= 2 * years_us;
	courier_wake(world);
	assert_int_equal(world->sent_count, 0);
	courier_pass(world, 15000);
	assert_int_equal(world->sent_count, 1);
}

static void after_stop_nothing_new_is_sent_but_an_answer_is_still_booked(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 250);
	courier_wake(world);
	assert_int_equal(world->sent_count, 1);
	fr_courier_stop(world->courier);
	courier_run(world);
	assert_true(fr_courier_is_busy(world->courier));
	courier_answer(world, 200);
	assert_false(fr_courier_is_busy(world->courier));
	courier_pass(world, 60000);
	courier_flush(world);
	assert_int_equal(world->sent_count, 1);
	assert_int_equal(courier_booked(world, "delivered"), 100);
	assert_int_equal(event_base_get_num_events(world->loop, EVENT_BASE_COUNT_ADDED), 0);
}

static void progress_is_reported_after_each_answer_and_when_nothing_is_left(void **state)
{
	struct courier_world *world = *state;
	unsigned before;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	before = world->progress;
	courier_answer(world, 503);
	assert_int_equal(world->progress, before + 1);
	courier_flush(world);
	courier_answer(world, 200);
	assert_int_equal(world->progress, before + 2);
}

static void the_last_event_sizes_of_a_recovery_are_1_10_and_full(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 100);
	courier_wake(world);
	courier_silence(world, FR_OUTCOME_OFFLINE);
	queue_fixture_record_many(world->queue, 300);
	world->serve = courier_serve_ok;
	courier_pass(world, 60000);
	/* The batch that was frozen goes first, as it was; it counts as the first step. */
	assert_int_equal(world->sent[1].events, 100);
	assert_int_equal(world->sent[2].events, 10);
	assert_int_equal(world->sent[3].events, 100);
	assert_int_equal(world->sent[4].events, 100);
}

#define T(test) cmocka_unit_test_setup_teardown(test, courier_set_up, courier_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_queue_leaves_the_courier_idle_without_a_timer),
		T(a_few_events_wait_until_the_oldest_has_waited_long_enough),
		T(a_full_batch_goes_at_once_and_the_rest_waits),
		T(a_batch_closes_at_its_bytes_too),
		T(a_flush_sends_what_is_there_and_nothing_later),
		T(a_flush_while_a_request_is_under_way_covers_what_came_meanwhile),
		T(rows_leave_only_after_a_2xx),
		T(what_the_sink_does_not_want_is_booked_and_passed_by),
		T(thousands_of_rows_that_may_not_leave_do_not_hide_one_that_may),
		T(internal_events_and_low_severities_stay),
		T(a_wall_clock_that_jumps_neither_hastens_nor_delays_a_batch),
		T(after_stop_nothing_new_is_sent_but_an_answer_is_still_booked),
		T(progress_is_reported_after_each_answer_and_when_nothing_is_left),
		T(the_last_event_sizes_of_a_recovery_are_1_10_and_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

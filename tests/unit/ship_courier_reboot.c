/* Monday morning: the machine was off, and all others of the office start in the same minute. */
#include "support/test.h"

#include <string.h>

#include "unit/courier_fixture.h"

#define T(test) cmocka_unit_test_setup_teardown(test, courier_set_up, courier_tear_down)

/* And more may be added: the machines of an office must not begin all at once. */
static void after_a_reboot_at_least_the_whole_wait_counts_anew(void **state)
{
	struct courier_world *world = *state;
	int64_t left_ms;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 500);
	left_ms = courier_state(world).next_attempt_in_ms;
	courier_close(world);
	world->queue->world.env.boot_id = "another boot";
	world->queue->world.boot_us = 5000000;
	courier_open(world);
	courier_expect(world, FR_COURIER_WAITING, "server");
	assert_in_range(courier_state(world).next_attempt_in_ms, left_ms, 300000);
	left_ms = courier_state(world).next_attempt_in_ms;
	courier_pass(world, left_ms - 1);
	assert_int_equal(world->sent_count, 1);
	courier_pass(world, 1);
	assert_int_equal(world->sent_count, 2);
}

static void after_a_reboot_the_first_request_comes_at_any_time_and_is_small(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 200);
	queue_fixture_record_many(world->queue, 100);
	courier_close(world);
	world->queue->world.env.boot_id = "another boot";
	courier_open(world);
	courier_expect(world, FR_COURIER_WAITING, "");
	assert_non_null(strstr(courier_state(world).reason, "has started lately"));
	assert_in_range(courier_state(world).next_attempt_in_ms, 0, 300000);
	courier_pass(world, 300000);
	assert_int_equal(world->sent_count, 2);
	assert_int_equal(courier_last(world)->events, 1);
}

static void after_a_reboot_a_flush_does_not_wait(void **state)
{
	struct courier_world *world = *state;

	courier_open(world);
	queue_fixture_record_many(world->queue, 1);
	courier_flush(world);
	courier_answer(world, 200);
	queue_fixture_record_many(world->queue, 120);
	courier_close(world);
	world->queue->world.env.boot_id = "another boot";
	courier_open(world);
	world->serve = courier_serve_ok;
	courier_flush(world);
	assert_int_equal(courier_booked(world, "delivered"), 121);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(after_a_reboot_at_least_the_whole_wait_counts_anew),
		T(after_a_reboot_the_first_request_comes_at_any_time_and_is_small),
		T(after_a_reboot_a_flush_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

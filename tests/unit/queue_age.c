/* What goes because it is too old: when, in which steps, and what must not hold it up. */
#include "queue/db.h"
#include "queue/room.h"
#include "queue/sweep.h"
#include "support/queue_fixture.h"
#include "support/test.h"

#define DAY_US (INT64_C(86400) * 1000000)

static void upkeep(struct queue_fixture *fixture)
{
	struct fr_upkeep step = {.idle = true, .max_age_ms = 30 * DAY_US / 1000};

	do {
		if (fr_queue_upkeep(fixture->queue, &step, &fixture->err) != FR_OK)
			fail_msg("%s", fixture->err.text);
	} while (step.more);
}

static void upkeep_daily(struct queue_fixture *fixture, int days)
{
	for (int day = 0; day < days; day++) {
		test_world_pass(&fixture->world, DAY_US);
		upkeep(fixture);
	}
}

static int64_t pending(struct queue_fixture *fixture)
{
	return queue_fixture_ask(fixture, "SELECT count(*) FROM pending");
}

static void an_old_event_goes_once_the_clocks_have_agreed_for_a_day(void **state)
{
	struct queue_fixture *fixture = *state;

	queue_fixture_record_many(fixture, 3);
	for (int hour = 0; hour < 31 * 24; hour++) {
		test_world_pass(&fixture->world, DAY_US / 24);
		upkeep(fixture);
		if (hour == 29 * 24)
			assert_int_equal(pending(fixture), 3);
	}
	assert_int_equal(pending(fixture), 0);
	queue_fixture_verify(fixture);
}

static void a_jump_of_ten_years_does_not_empty_the_queue(void **state)
{
	struct queue_fixture *fixture = *state;

	queue_fixture_record_many(fixture, 3);
	for (int hour = 0; hour < 48; hour++) {
		test_world_pass(&fixture->world, DAY_US / 24);
		upkeep(fixture);
	}
	fixture->world.wall_us += 3650 * DAY_US;
	for (int hour = 0; hour < 20; hour++) {
		test_world_pass(&fixture->world, DAY_US / 24);
		upkeep(fixture);
	}
	assert_int_equal(pending(fixture), 3);
}

static void a_queue_that_age_empties_again_and_again_keeps_one_row(void **state)
{
	struct queue_fixture *fixture = *state;

	for (int round = 0; round < 3; round++) {
		queue_fixture_record_many(fixture, 2);
		upkeep_daily(fixture, 33);
		assert_int_equal(pending(fixture), 0);
		assert_true(queue_fixture_ask(fixture, "SELECT count(*) FROM event") <= 2);
	}
	queue_fixture_verify(fixture);
}

static void large_events_that_are_too_old_go_in_small_steps(void **state)
{
	enum { EVENTS = 100, BYTES = 47 * 1024 };
	const struct queue_event large = {.bytes = BYTES};
	struct queue_fixture *fixture = *state;
	int64_t left = EVENTS;
	bool more = true;

	fixture->options.max_bytes = 8 * FR_QUEUE_MIN_BYTES;
	queue_fixture_reopen(fixture);
	for (int i = 0; i < EVENTS; i++)
		assert_int_equal(queue_fixture_record(fixture, &large, NULL), FR_OK);
	test_world_pass(&fixture->world, DAY_US);
	while (more) {
		int64_t before = left;

		assert_int_equal(
			fr_sweep_old(fixture->queue, fixture->world.wall_us, &more, &fixture->err),
			FR_OK);
		left = pending(fixture);
		assert_true((before - left) * BYTES <= fr_room_step_bytes(fixture->queue) + BYTES);
		assert_true(more || left == 0);
		assert_true(queue_fixture_bytes(fixture) <= fixture->options.max_bytes);
		assert_int_equal(fr_room_checkpoint(fixture->queue, true, &fixture->err), FR_OK);
	}
	queue_fixture_verify(fixture);
}

static void what_is_in_a_batch_does_not_keep_what_is_behind_it_from_growing_old(void **state)
{
	struct queue_fixture *fixture = *state;
	int64_t sink = queue_fixture_sinks(fixture, "a", NULL);

	queue_fixture_record_many(fixture, FR_SWEEP_ROWS + 500);
	fr_batch_free(queue_fixture_claim(fixture, sink, FR_SWEEP_ROWS));
	upkeep_daily(fixture, 33);
	assert_int_equal(pending(fixture), FR_SWEEP_ROWS);
	queue_fixture_verify(fixture);
}

/* More of them than a step looks at. */
static void what_was_recorded_years_ahead_does_not_keep_the_others_from_growing_old(void **state)
{
	struct queue_fixture *fixture = *state;

	fixture->world.wall_us += 3650 * DAY_US;
	queue_fixture_record_many(fixture, FR_SWEEP_ROWS + 1);
	fixture->world.wall_us -= 3650 * DAY_US;
	queue_fixture_record_many(fixture, 5);
	upkeep_daily(fixture, 33);
	assert_int_equal(pending(fixture), FR_SWEEP_ROWS + 1);
	queue_fixture_verify(fixture);
}

int main(void)
{
#define WITH_QUEUE(test) \
	cmocka_unit_test_setup_teardown(test, queue_fixture_set_up, queue_fixture_tear_down)
	const struct CMUnitTest tests[] = {
		WITH_QUEUE(an_old_event_goes_once_the_clocks_have_agreed_for_a_day),
		WITH_QUEUE(a_jump_of_ten_years_does_not_empty_the_queue),
		WITH_QUEUE(a_queue_that_age_empties_again_and_again_keeps_one_row),
		WITH_QUEUE(large_events_that_are_too_old_go_in_small_steps),
		WITH_QUEUE(what_is_in_a_batch_does_not_keep_what_is_behind_it_from_growing_old),
		WITH_QUEUE(what_was_recorded_years_ahead_does_not_keep_the_others_from_growing_old),
	};
#undef WITH_QUEUE

	return cmocka_run_group_tests(tests, NULL, NULL);
}

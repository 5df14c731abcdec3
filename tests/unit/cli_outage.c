/* How long an outage the queue can hold: a pace in, a sentence out. */
#include "support/test.h"

#include "cli/outage.h"

#define HOUR_US (INT64_C(3600) * 1000000)
#define NOW_US  (INT64_C(1800000000) * 1000000)
#define HOUR_MS (INT64_C(3600) * 1000)

static struct cli_outage reckon(const struct fr_queue_pace *pace, int64_t room_bytes,
				int64_t max_age_ms)
{
	struct cli_outage outage;

	cli_outage_reckon(&outage, pace, NOW_US, room_bytes, max_age_ms);
	return outage;
}

static void the_room_is_divided_by_what_comes_in_an_hour(void **state)
{
	const struct fr_queue_pace pace = {
		.recorded = 2400, .known_since_us = NOW_US - 24 * HOUR_US, .event_bytes = 500};
	struct cli_outage outage = reckon(&pace, 100 * 500 * 36, 0);
	char text[64];

	(void)state;
	assert_true(outage.is_known);
	assert_in_range(outage.hold_ms, 36 * HOUR_MS - 1000, 36 * HOUR_MS + 1000);
	assert_in_range(outage.per_hour, 100, 101);
	assert_int_equal(outage.event_bytes, 500);
	assert_string_equal(cli_outage_text(&outage, text), "about 1 d 12 h");
}

static void a_queue_of_an_hour_has_the_pace_of_that_hour(void **state)
{
	const struct fr_queue_pace pace = {
		.recorded = 100, .known_since_us = NOW_US - HOUR_US, .event_bytes = 500};

	(void)state;
	assert_in_range(reckon(&pace, 100 * 500 * 5, 0).hold_ms, 5 * HOUR_MS - 1000,
			5 * HOUR_MS + 1000);
}

static void a_burst_of_a_second_is_no_pace(void **state)
{
	const struct fr_queue_pace pace = {
		.recorded = 100, .known_since_us = NOW_US - 1000000, .event_bytes = 500};

	(void)state;
	assert_in_range(reckon(&pace, 600 * 500, 0).hold_ms, HOUR_MS - 1000, HOUR_MS + 1000);
}

static void what_would_last_for_years_is_not_counted(void **state)
{
	const struct fr_queue_pace pace = {
		.recorded = 1, .known_since_us = NOW_US - 24 * HOUR_US, .event_bytes = 100};
	struct cli_outage outage = reckon(&pace, INT64_MAX, 0);
	char text[64];

	(void)state;
	assert_string_equal(cli_outage_text(&outage, text), "more than a year");
	outage = reckon(&pace, INT64_MAX, 30 * 24 * HOUR_MS);
	assert_true(outage.is_age_the_end);
	assert_string_equal(cli_outage_text(&outage, text), "about 30 d 0 h");
}

static void without_events_nothing_is_known(void **state)
{
	const struct fr_queue_pace none = {0};
	struct cli_outage outage = reckon(&none, 1000000, HOUR_MS);
	char text[64];

	(void)state;
	assert_false(outage.is_known);
	assert_string_equal(cli_outage_text(&outage, text), "unknown: nothing was recorded lately");
}

static void a_full_queue_holds_nothing_more(void **state)
{
	const struct fr_queue_pace pace = {
		.recorded = 10, .known_since_us = NOW_US - HOUR_US, .event_bytes = 100};

	(void)state;
	assert_int_equal(reckon(&pace, 0, HOUR_MS).hold_ms, 0);
	assert_int_equal(reckon(&pace, -4096, HOUR_MS).hold_ms, 0);
	assert_false(reckon(&pace, 0, HOUR_MS).is_age_the_end);
}

static void events_that_all_went_are_taken_for_usual_ones(void **state)
{
	const struct fr_queue_pace pace = {.recorded = 24, .known_since_us = NOW_US - 24 * HOUR_US};

	(void)state;
	assert_in_range(reckon(&pace, 5120, 0).hold_ms, 10 * HOUR_MS - 1000, 10 * HOUR_MS + 1000);
}

static void a_clock_that_was_set_back_is_no_division_by_nothing(void **state)
{
	const struct fr_queue_pace pace = {
		.recorded = 24, .known_since_us = NOW_US + 24 * HOUR_US, .event_bytes = 100};

	(void)state;
	assert_true(reckon(&pace, 5120, 0).hold_ms > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_room_is_divided_by_what_comes_in_an_hour),
		cmocka_unit_test(a_queue_of_an_hour_has_the_pace_of_that_hour),
		cmocka_unit_test(a_burst_of_a_second_is_no_pace),
		cmocka_unit_test(what_would_last_for_years_is_not_counted),
		cmocka_unit_test(without_events_nothing_is_known),
		cmocka_unit_test(a_full_queue_holds_nothing_more),
		cmocka_unit_test(events_that_all_went_are_taken_for_usual_ones),
		cmocka_unit_test(a_clock_that_was_set_back_is_no_division_by_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

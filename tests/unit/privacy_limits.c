/* A runaway name is held to its burst and its rate, the others do not notice, and nothing refused
 * goes uncounted.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "privacy/limits.h"

enum { SECOND_US = 1000000, START_US = 5000000 };

/* How many of so many events at one moment are let through. */
static unsigned take(struct fr_limits *limits, const char *name, int64_t now_us, unsigned events)
{
	unsigned taken = 0;

	while (events-- > 0)
		taken += fr_limits_take(limits, name, now_us);
	return taken;
}

static void assert_report(struct fr_limits *limits, const char *expected)
{
	struct fr_buffer out;

	fr_buffer_init(&out, 65536);
	fr_limits_report(limits, START_US, &out);
	assert_int_equal(out.status, FR_OK);
	assert_string_equal(fr_buffer_text(&out), expected);
	fr_buffer_fini(&out);
}

static void a_burst_passes_and_then_the_rate_holds(void **state)
{
	struct fr_limits *limits = fr_limits_new(10000, 200);

	(void)state;
	assert_int_equal(take(limits, "loop", START_US, 1000000), 10000);
	assert_int_equal(fr_limits_suppressed(limits), 990000);
	assert_int_equal(take(limits, "loop", START_US + 4999, 10), 0);
	assert_int_equal(take(limits, "loop", START_US + 5000, 10), 1);
	assert_int_equal(take(limits, "loop", START_US + SECOND_US, 1000), 199);
	assert_int_equal(take(limits, "loop", START_US + 2 * SECOND_US, 1000), 200);
	fr_limits_free(limits);
}

static void a_pause_gives_the_burst_back_and_no_more(void **state)
{
	struct fr_limits *limits = fr_limits_new(50, 10);

	(void)state;
	assert_int_equal(take(limits, "poll", START_US, 100), 50);
	assert_int_equal(take(limits, "poll", START_US + 3600 * (int64_t)SECOND_US, 100), 50);
	fr_limits_free(limits);
}

static void a_steady_stream_under_the_rate_is_never_held(void **state)
{
	struct fr_limits *limits = fr_limits_new(1, 100);

	(void)state;
	for (int64_t i = 0; i < 100000; i++)
		assert_true(fr_limits_take(limits, "tick", START_US + i * 10000));
	assert_int_equal(fr_limits_suppressed(limits), 0);
	fr_limits_free(limits);
}

static void other_names_are_untouched(void **state)
{
	struct fr_limits *limits = fr_limits_new(10, 1);

	(void)state;
	assert_int_equal(take(limits, "loop", START_US, 1000), 10);
	assert_int_equal(take(limits, "calm", START_US, 10), 10);
	assert_report(limits,
		      "{\"count\":990,\"names\":1,\"most\":[{\"name\":\"loop\",\"count\":990}]}");
	fr_limits_free(limits);
}

static void zero_for_either_is_no_limit(void **state)
{
	struct fr_limits *no_burst = fr_limits_new(0, 200);
	struct fr_limits *no_rate = fr_limits_new(10, 0);

	(void)state;
	assert_int_equal(take(no_burst, "loop", START_US, 100000), 100000);
	assert_int_equal(take(no_rate, "loop", START_US, 100000), 100000);
	fr_limits_free(no_burst);
	fr_limits_free(no_rate);
}

static void the_largest_limits_do_not_overflow(void **state)
{
	struct fr_limits *slow = fr_limits_new(FR_LIMITS_BURST_MAX, 1);
	struct fr_limits *fast = fr_limits_new(FR_LIMITS_BURST_MAX, FR_LIMITS_PER_SECOND_MAX);
	int64_t year_us = INT64_C(365) * 86400 * SECOND_US;

	(void)state;
	assert_int_equal(take(slow, "loop", 200 * year_us, 1000), 1000);
	assert_int_equal(take(fast, "loop", 200 * year_us, 1000), 1000);
	fr_limits_free(slow);
	fr_limits_free(fast);
}

static void names_beyond_the_table_share_one_bucket(void **state)
{
	struct fr_limits *limits = fr_limits_new(2, 1);
	char name[32];

	(void)state;
	for (int i = 0; i < FR_LIMITS_NAMES_MAX; i++) {
		(void)snprintf(name, sizeof name, "name.%d", i);
		assert_int_equal(take(limits, name, START_US, 2), 2);
	}
	assert_int_equal(take(limits, "late.a", START_US, 1), 1);
	assert_int_equal(take(limits, "late.b", START_US, 1), 1);
	assert_int_equal(take(limits, "late.c", START_US, 7), 0);
	assert_int_equal(take(limits, "name.17", START_US, 5), 0);
	assert_int_equal(take(limits, "name.17", START_US + 2 * SECOND_US, 5), 2);
	assert_report(limits, "{\"count\":15,\"names\":2,\"most\":[{\"name\":\"name.17\","
			      "\"count\":8},{\"name\":\"*\",\"count\":7}]}");
	fr_limits_free(limits);
}

static void a_report_names_the_sixteen_worst_in_order(void **state)
{
	struct fr_limits *limits = fr_limits_new(1, 1);
	struct fr_buffer out;
	const char *at;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "name%u", i * 37 % 100);
		(void)take(limits, name, START_US, 1 + i * 37 % 100);
	}
	fr_buffer_init(&out, 65536);
	fr_limits_report(limits, START_US, &out);
	at = fr_buffer_text(&out);
	assert_ptr_equal(strstr(at, "{\"count\":4950,\"names\":99,"), at);
	for (unsigned i = 0; i < FR_LIMITS_REPORT_NAMES; i++) {
		char wanted[64];

		(void)snprintf(wanted, sizeof wanted, "{\"name\":\"name%u\",\"count\":%u}", 99 - i,
			       99 - i);
		at = strstr(at, wanted);
		assert_non_null(at);
	}
	assert_null(strstr(at, "name83"));
	fr_buffer_fini(&out);
	fr_limits_free(limits);
}

static void a_report_is_due_once_a_minute_and_only_with_something_to_say(void **state)
{
	struct fr_limits *limits = fr_limits_new(1, 1);
	int64_t now_us = START_US;

	(void)state;
	assert_false(fr_limits_report_is_due(limits, now_us));
	(void)take(limits, "loop", now_us, 3);
	assert_true(fr_limits_report_is_due(limits, now_us));
	assert_int_equal(fr_limits_suppressed(limits), 2);
	assert_report(limits,
		      "{\"count\":2,\"names\":1,\"most\":[{\"name\":\"loop\",\"count\":2}]}");
	fr_limits_reported(limits);
	assert_int_equal(fr_limits_suppressed(limits), 0);
	(void)take(limits, "loop", now_us, 1);
	assert_false(fr_limits_report_is_due(limits, now_us + 60 * SECOND_US - 1));
	assert_true(fr_limits_report_is_due(limits, now_us + 60 * SECOND_US));
	assert_report(limits,
		      "{\"count\":1,\"names\":1,\"most\":[{\"name\":\"loop\",\"count\":1}]}");
	fr_limits_free(limits);
}

static void a_report_that_failed_is_part_of_the_next_a_minute_later(void **state)
{
	struct fr_limits *limits = fr_limits_new(1, 1);

	(void)state;
	(void)take(limits, "loop", START_US, 3);
	assert_report(limits,
		      "{\"count\":2,\"names\":1,\"most\":[{\"name\":\"loop\",\"count\":2}]}");
	assert_false(fr_limits_report_is_due(limits, START_US + 60 * SECOND_US - 1));
	assert_true(fr_limits_report_is_due(limits, START_US + 60 * SECOND_US));
	(void)take(limits, "loop", START_US, 5);
	assert_report(limits,
		      "{\"count\":7,\"names\":1,\"most\":[{\"name\":\"loop\",\"count\":7}]}");
	fr_limits_free(limits);
}

static void what_is_refused_while_a_report_is_committed_is_told_by_the_next(void **state)
{
	struct fr_limits *limits = fr_limits_new(1, 1);

	(void)state;
	(void)take(limits, "loop", START_US, 4);
	assert_report(limits,
		      "{\"count\":3,\"names\":1,\"most\":[{\"name\":\"loop\",\"count\":3}]}");
	(void)take(limits, "loop", START_US, 2);
	(void)take(limits, "late", START_US, 2);
	fr_limits_reported(limits);
	assert_int_equal(fr_limits_suppressed(limits), 3);
	assert_report(limits, "{\"count\":3,\"names\":2,\"most\":[{\"name\":\"loop\",\"count\":2},"
			      "{\"name\":\"late\",\"count\":1}]}");
	fr_limits_reported(limits);
	assert_int_equal(fr_limits_suppressed(limits), 0);
	fr_limits_free(limits);
}

static void forgetting_drops_the_counts_and_keeps_the_buckets(void **state)
{
	struct fr_limits *limits = fr_limits_new(5, 1);

	(void)state;
	(void)take(limits, "loop", START_US, 9);
	fr_limits_forget(limits);
	assert_int_equal(fr_limits_suppressed(limits), 0);
	assert_report(limits, "{\"count\":0,\"names\":0,\"most\":[]}");
	assert_int_equal(take(limits, "loop", START_US, 9), 0);
	fr_limits_free(limits);
}

static void a_concealed_name_is_counted_and_not_told(void **state)
{
	struct fr_limits *limits = fr_limits_new(1, 1);

	(void)state;
	(void)take(limits, "secret_project", START_US, 4);
	(void)take(limits, "plain", START_US, 2);
	fr_limits_conceal(limits, "secret_project");
	assert_report(limits, "{\"count\":4,\"names\":2,\"most\":[{\"name\":\"(internal)\","
			      "\"count\":3},{\"name\":\"plain\",\"count\":1}]}");
	fr_limits_free(limits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_concealed_name_is_counted_and_not_told),
		cmocka_unit_test(a_burst_passes_and_then_the_rate_holds),
		cmocka_unit_test(a_pause_gives_the_burst_back_and_no_more),
		cmocka_unit_test(a_steady_stream_under_the_rate_is_never_held),
		cmocka_unit_test(other_names_are_untouched),
		cmocka_unit_test(zero_for_either_is_no_limit),
		cmocka_unit_test(the_largest_limits_do_not_overflow),
		cmocka_unit_test(names_beyond_the_table_share_one_bucket),
		cmocka_unit_test(a_report_names_the_sixteen_worst_in_order),
		cmocka_unit_test(a_report_is_due_once_a_minute_and_only_with_something_to_say),
		cmocka_unit_test(a_report_that_failed_is_part_of_the_next_a_minute_later),
		cmocka_unit_test(what_is_refused_while_a_report_is_committed_is_told_by_the_next),
		cmocka_unit_test(forgetting_drops_the_counts_and_keeps_the_buckets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

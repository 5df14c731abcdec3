#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "ship/retry.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)

static const struct fr_backoff usual = {1000, 300000};

static struct fr_moment moment(int64_t boot_us, uint64_t random)
{
	return (struct fr_moment){.wall_us = DAY_US * 20000 + boot_us,
				  .boot_us = boot_us,
				  .boot_id = "this boot",
				  .random = random};
}

static struct fr_verdict verdict_with(enum fr_action action, const char *kind)
{
	return (struct fr_verdict){.action = action, .kind = kind, .reason = "why"};
}

static void a_wait_lies_between_floor_and_cap_of_its_verdict(void **state)
{
	struct fr_verdict verdict = verdict_with(FR_ACT_RETRY, "redirect");
	struct fr_moment now = moment(5000000, 0);
	struct fr_retry retry = {.attempts = 0};
	int i;

	(void)state;
	verdict.floor_ms = 30000;
	verdict.cap_ms = 300000;
	for (i = 0; i < 30; i++) {
		now.random = now.random * UINT64_C(6364136223846793005) + 1442695040888963407;
		fr_retry_fail(&retry, &verdict, &usual, &now);
		assert_in_range(retry.wait_us, 30000000, 300000000);
	}
	verdict = verdict_with(FR_ACT_RETRY, "offline");
	verdict.cap_ms = 60000;
	for (i = 0; i < 30; i++) {
		now.random = now.random * UINT64_C(6364136223846793005) + 1442695040888963407;
		fr_retry_fail(&retry, &verdict, &usual, &now);
		assert_in_range(retry.wait_us, 30000000, 60000000);
	}
}

static void a_longer_wish_of_the_server_wins_with_some_jitter(void **state)
{
	struct fr_verdict verdict = verdict_with(FR_ACT_RETRY, "overloaded");
	struct fr_retry retry = {.attempts = 0};
	struct fr_moment early = moment(0, 0), late = moment(0, 12000);

	(void)state;
	verdict.at_least_ms = 120000;
	fr_retry_fail(&retry, &verdict, &usual, &early);
	assert_int_equal(retry.wait_us, 120000000);
	retry.attempts = 0;
	fr_retry_fail(&retry, &verdict, &usual, &late);
	assert_int_equal(retry.wait_us, 132000000);
	verdict.at_least_ms = 1000;
	retry.attempts = 20;
	fr_retry_fail(&retry, &verdict, &usual, &early);
	assert_int_equal(retry.wait_us, 150000000);
}

/* A fleet that is told to wait must not come back in the same second. */
static void what_a_server_wishes_is_spread_over_a_minute_or_a_tenth(void **state)
{
	static const int64_t wishes_ms[][2] = {
		{2000, 3000}, {120000, 180000}, {600000, 660000}, {3600000, 3960000}};
	struct fr_verdict verdict = verdict_with(FR_ACT_RETRY, "overloaded");
	struct fr_moment now = moment(0, 0);
	size_t i, round;

	(void)state;
	for (i = 0; i < sizeof wishes_ms / sizeof wishes_ms[0]; i++) {
		int64_t least = INT64_MAX, most = 0;

		verdict.at_least_ms = wishes_ms[i][0];
		for (round = 0; round < 2000; round++) {
			struct fr_retry retry = {.attempts = 0};

			now.random =
				now.random * UINT64_C(6364136223846793005) + 1442695040888963407;
			now.random ^= now.random >> 33;
			fr_retry_fail(&retry, &verdict, &usual, &now);
			least = retry.wait_us < least ? retry.wait_us : least;
			most = retry.wait_us > most ? retry.wait_us : most;
		}
		assert_in_range(least, wishes_ms[i][0] * 1000, wishes_ms[i][0] * 1010);
		assert_in_range(most, wishes_ms[i][1] * 990, wishes_ms[i][1] * 1000);
	}
}

static void what_went_wrong_is_forgiven_in_shorter_and_shorter_waits(void **state)
{
	static const int64_t longest_ms[] = {300000, 128000, 32000, 8000, 2000, 0, 0};
	struct fr_retry retry = {.attempts = 40};
	struct fr_moment now = moment(7, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof longest_ms / sizeof longest_ms[0]; i++) {
		fr_retry_succeed(&retry, &now);
		now.random =
			(uint64_t)longest_ms[i]; /* the longest of them: any + 1 are possible */
		fr_retry_pace(&retry, &usual, &now);
		assert_int_equal(retry.wait_us, longest_ms[i] * 1000);
		assert_int_equal(retry.saved_boot_us, now.boot_us);
		assert_int_equal(retry.since_us, 0);
	}
	assert_string_equal(retry.reason, "");
}

static void a_pause_that_somebody_ended_needs_no_forgiving(void **state)
{
	struct fr_verdict verdict = verdict_with(FR_ACT_PAUSE, "credentials");
	struct fr_retry retry = {.attempts = 0};
	struct fr_moment now = moment(0, 12345);
	int i;

	(void)state;
	for (i = 0; i < 700; i++)
		fr_retry_fail(&retry, &verdict, &usual, &now);
	fr_retry_succeed(&retry, &now);
	fr_retry_pace(&retry, &usual, &now);
	assert_int_equal(retry.wait_us, 0);
}

static void a_start_of_the_machine_begins_small_at_any_time(void **state)
{
	struct fr_retry fresh = {.boot_id = ""}, same = {.boot_id = "this boot"},
			other = {.boot_id = "another"},
			paused = {.boot_id = "another", .paused = true};
	struct fr_moment now = moment(0, 123456);

	(void)state;
	fr_retry_start(&fresh, &usual, &now);
	assert_int_equal(fresh.wait_us, 0);
	fr_retry_start(&same, &usual, &now);
	assert_int_equal(same.wait_us, 0);
	assert_int_equal(same.ramp, 0);
	fr_retry_start(&paused, &usual, &now);
	assert_int_equal(paused.wait_us, 0);
	fr_retry_start(&other, &usual, &now);
	assert_int_equal(other.wait_us, 123456000);
	assert_int_equal(other.ramp, FR_RAMP_START);
	assert_string_equal(other.boot_id, "this boot");
	fr_retry_end_wait(&other);
	assert_int_equal(other.wait_us, 0);
	assert_string_equal(other.reason, "");
}

static void failures_of_one_kind_make_a_streak_and_keep_their_beginning(void **state)
{
	struct fr_verdict server = verdict_with(FR_ACT_RETRY, "server"),
			  offline = verdict_with(FR_ACT_RETRY, "offline");
	struct fr_retry retry = {.attempts = 0};
	struct fr_moment first = moment(1000, 0), later = moment(900000000, 0);

	(void)state;
	fr_retry_fail(&retry, &server, &usual, &first);
	fr_retry_fail(&retry, &server, &usual, &later);
	assert_int_equal(retry.streak, 2);
	assert_int_equal(retry.attempts, 2);
	assert_int_equal(retry.since_us, first.wall_us);
	assert_int_equal(retry.ramp, FR_RAMP_START);
	fr_retry_fail(&retry, &offline, &usual, &later);
	assert_int_equal(retry.streak, 1);
	assert_int_equal(retry.since_us, first.wall_us);
	assert_string_equal(retry.kind, "offline");
	fr_retry_succeed(&retry, &later);
	assert_int_equal(retry.streak, 0);
	assert_int_equal(retry.attempts, 1);
	assert_int_equal(retry.since_us, 0);
	assert_int_equal(retry.ramp, 10);
	assert_int_equal(retry.wait_us, 0);
	assert_string_equal(retry.kind, "");
	assert_int_equal(retry.last_success_us, later.wall_us);
}

static void what_is_left_counts_by_the_boot_clock_only(void **state)
{
	struct fr_retry retry = {.wait_us = 1000, .saved_boot_us = 500, .boot_id = "this boot"};
	struct fr_moment now = moment(500, 0);

	(void)state;
	assert_int_equal(fr_retry_left_us(&retry, &now), 1000);
	now.wall_us += 3650 * DAY_US;
	assert_int_equal(fr_retry_left_us(&retry, &now), 1000);
	now.boot_us = 1200;
	assert_int_equal(fr_retry_left_us(&retry, &now), 300);
	now.boot_us = 1500;
	assert_int_equal(fr_retry_left_us(&retry, &now), 0);
	now.boot_us = INT64_MAX / 2;
	assert_int_equal(fr_retry_left_us(&retry, &now), 0);
	now.boot_us = 400; /* a boot clock that ran back: another boot, whatever the id says */
	assert_int_equal(fr_retry_left_us(&retry, &now), 1000);
	fr_retry_rebase(&retry, &now);
	now.boot_us = 1400;
	assert_int_equal(fr_retry_left_us(&retry, &now), 0);
}

static void lately_is_within_a_day(void **state)
{
	struct fr_retry retry = {.last_success_us = 0};
	struct fr_moment now = moment(0, 0);

	(void)state;
	assert_false(fr_retry_has_succeeded_lately(&retry, &now));
	retry.last_success_us = now.wall_us - DAY_US + 1;
	assert_true(fr_retry_has_succeeded_lately(&retry, &now));
	retry.last_success_us = now.wall_us - DAY_US;
	assert_false(fr_retry_has_succeeded_lately(&retry, &now));
	retry.last_success_us = now.wall_us + DAY_US - 1; /* the wall clock was put back a little */
	assert_true(fr_retry_has_succeeded_lately(&retry, &now));
	retry.last_success_us = now.wall_us + 3650 * DAY_US; /* it means nothing any more */
	assert_false(fr_retry_has_succeeded_lately(&retry, &now));
}

static void refusals_for_good_are_counted_in_a_row_without_a_wait(void **state)
{
	struct fr_verdict buried = verdict_with(FR_ACT_BURY, "for_good"),
			  server = verdict_with(FR_ACT_RETRY, "server");
	struct fr_retry retry = {.ramp = 10};
	struct fr_moment now = moment(1000, 0);

	(void)state;
	fr_retry_fail(&retry, &server, &usual, &now);
	fr_retry_bury(&retry, &buried, &now);
	assert_int_equal(retry.streak, 1);
	fr_retry_bury(&retry, &buried, &now);
	assert_int_equal(retry.streak, 2);
	assert_string_equal(retry.kind, "for_good");
	assert_int_equal(fr_retry_left_us(&retry, &now), 0);
	assert_false(retry.paused);
	fr_retry_succeed(&retry, &now);
	assert_int_equal(retry.streak, 0);
}

static void a_413_only_shrinks_the_limit_and_never_to_nothing(void **state)
{
	struct fr_retry retry = {.limit_bytes = 0};

	(void)state;
	fr_retry_learn_limit(&retry, 100000);
	assert_int_equal(retry.limit_bytes, 50000);
	fr_retry_learn_limit(&retry, 200000);
	assert_int_equal(retry.limit_bytes, 50000);
	fr_retry_learn_limit(&retry, 10);
	assert_int_equal(retry.limit_bytes, 4096);
}

static void a_learned_limit_grows_by_quarters_until_it_limits_nothing(void **state)
{
	struct fr_retry retry = {.limit_bytes = 4096};
	int raises = 0;

	(void)state;
	fr_retry_stretch_limit(&retry, 1000000);
	assert_int_equal(retry.limit_bytes, 5120);
	while (retry.limit_bytes > 0) {
		assert_in_range(retry.limit_bytes, 4096, 999999);
		fr_retry_stretch_limit(&retry, 1000000);
		raises++;
	}
	assert_in_range(raises, 20, 30);
	fr_retry_stretch_limit(&retry, 1000000);
	assert_int_equal(retry.limit_bytes, 0);
}

/* Four requests under way when the server goes down are one failure. */
static void what_failed_at_the_same_time_counts_once_and_its_longest_wish_holds(void **state)
{
	struct fr_verdict server = verdict_with(FR_ACT_RETRY, "server"),
			  wish = verdict_with(FR_ACT_RETRY, FR_KIND_RETRY_AFTER),
			  key = verdict_with(FR_ACT_PAUSE, "credentials");
	struct fr_moment now = moment(1000, 0);
	struct fr_retry retry = {.attempts = 0};
	int64_t wait_us;

	(void)state;
	fr_retry_fail(&retry, &server, &usual, &now);
	wait_us = retry.wait_us;
	fr_retry_fail_late(&retry, &server, &usual, &now);
	assert_int_equal(retry.attempts, 1);
	assert_int_equal(retry.streak, 1);
	assert_int_equal(retry.wait_us, wait_us);
	wish.at_least_ms = 120000;
	fr_retry_fail_late(&retry, &wish, &usual, &now);
	assert_int_equal(retry.wait_us, 120000000);
	assert_string_equal(retry.kind, FR_KIND_RETRY_AFTER);
	wish.at_least_ms = 60000;
	fr_retry_fail_late(&retry, &wish, &usual, &now);
	assert_int_equal(retry.wait_us, 120000000);
	key.floor_ms = key.cap_ms = 900000;
	fr_retry_fail_late(&retry, &key, &usual, &now);
	assert_true(retry.paused);
	assert_int_equal(retry.wait_us, 900000000);
	fr_retry_fail_late(&retry, &wish, &usual, &now);
	assert_string_equal(retry.kind, "credentials");
	fr_retry_succeed_late(&retry, &now);
	assert_true(retry.paused);
	assert_int_equal(retry.last_success_us, now.wall_us);
}

static void a_suspicion_outlives_a_probe(void **state)
{
	struct fr_verdict setup = verdict_with(FR_ACT_PAUSE, "setup");
	struct fr_moment first = moment(1000, 0), later = moment(900001000, 0);
	struct fr_retry retry = {.attempts = 0};

	(void)state;
	setup.floor_ms = setup.cap_ms = 900000;
	fr_retry_fail(&retry, &setup, &usual, &first);
	fr_retry_resume(&retry);
	assert_false(retry.paused);
	assert_int_equal(fr_retry_left_us(&retry, &first), 0);
	fr_retry_fail(&retry, &setup, &usual, &later);
	assert_int_equal(retry.streak, 2);
	assert_int_equal(retry.since_us, first.wall_us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_lies_between_floor_and_cap_of_its_verdict),
		cmocka_unit_test(a_longer_wish_of_the_server_wins_with_some_jitter),
		cmocka_unit_test(what_a_server_wishes_is_spread_over_a_minute_or_a_tenth),
		cmocka_unit_test(what_went_wrong_is_forgiven_in_shorter_and_shorter_waits),
		cmocka_unit_test(a_pause_that_somebody_ended_needs_no_forgiving),
		cmocka_unit_test(a_start_of_the_machine_begins_small_at_any_time),
		cmocka_unit_test(failures_of_one_kind_make_a_streak_and_keep_their_beginning),
		cmocka_unit_test(what_is_left_counts_by_the_boot_clock_only),
		cmocka_unit_test(lately_is_within_a_day),
		cmocka_unit_test(refusals_for_good_are_counted_in_a_row_without_a_wait),
		cmocka_unit_test(a_413_only_shrinks_the_limit_and_never_to_nothing),
		cmocka_unit_test(a_learned_limit_grows_by_quarters_until_it_limits_nothing),
		cmocka_unit_test(
			what_failed_at_the_same_time_counts_once_and_its_longest_wish_holds),
		cmocka_unit_test(a_suspicion_outlives_a_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

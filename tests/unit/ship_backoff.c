#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "ship/backoff.h"

static const struct fr_backoff usual = {1000, 300000};

/* xorshift64*, with a fixed seed: the same numbers in every run. */
static uint64_t next_random(void)
{
	static uint64_t state = UINT64_C(88172645463325252);

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static void a_wait_lies_between_half_the_delay_and_the_delay(void **state)
{
	unsigned n;
	int i;

	(void)state;
	for (n = 0; n < 60; n++) {
		int64_t delay = n < 9 ? INT64_C(1000) << n : 300000;

		if (delay > 300000)
			delay = 300000;
		for (i = 0; i < 1000; i++) {
			int64_t wait = fr_backoff_ms(&usual, n, next_random());

			assert_in_range(wait, delay / 2, delay);
		}
		assert_int_equal(fr_backoff_ms(&usual, n, 0), delay / 2);
	}
}

/* A fleet must not march in step, least of all where it has waited longest. */
static void waits_spread_evenly_also_at_the_cap(void **state)
{
	unsigned tenths[10] = {0};
	int i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		int64_t wait = fr_backoff_ms(&usual, 30, next_random());

		tenths[wait == 300000 ? 9 : (wait - 150000) / 15000]++;
	}
	for (i = 0; i < 10; i++)
		assert_in_range(tenths[i], 9500, 10500);
}

static void a_pace_is_any_time_up_to_the_delay_and_none_when_all_is_forgiven(void **state)
{
	static const struct fr_backoff still = {5000, 1000};

	(void)state;
	assert_int_equal(fr_backoff_steps(&usual), 9);
	assert_int_equal(fr_backoff_steps(&still), 0);
	assert_int_equal(fr_backoff_pace_ms(&usual, 0, UINT64_MAX), 0);
	assert_int_equal(fr_backoff_pace_ms(&usual, 3, 0), 0);
	assert_int_equal(fr_backoff_pace_ms(&usual, 3, 8000), 8000);
	assert_int_equal(fr_backoff_pace_ms(&usual, 3, 8001), 0);
	assert_int_equal(fr_backoff_pace_ms(&usual, 30, 300000), 300000);
}

static void the_delay_never_overflows(void **state)
{
	static const struct fr_backoff wide = {INT64_MAX / 3, INT64_MAX}, still = {5000, 1000};
	unsigned n;

	(void)state;
	for (n = 0; n < 100; n++) {
		assert_true(fr_backoff_ms(&wide, n, UINT64_MAX) > 0);
		assert_true(fr_backoff_ms(&wide, n, 0) > 0);
		assert_in_range(fr_backoff_ms(&still, n, next_random()), 500, 1000);
	}
	assert_true(fr_backoff_ms(&usual, UINT32_MAX, 0) == 150000);
}

static void failures_are_forgiven_by_twos(void **state)
{
	unsigned n = 0;
	int i;

	(void)state;
	for (i = 1; i <= 5; i++) {
		n = fr_backoff_after_failure(n);
		assert_int_equal(n, i);
	}
	n = fr_backoff_after_success(n);
	assert_int_equal(n, 3);
	n = fr_backoff_after_success(n);
	assert_int_equal(n, 1);
	n = fr_backoff_after_success(n);
	assert_int_equal(n, 0);
	assert_int_equal(fr_backoff_after_success(0), 0);
	for (i = 0; i < 1000; i++)
		n = fr_backoff_after_failure(n);
	assert_in_range(n, 10, 100); /* a year of outage must not take a year of successes */
}

static void after_an_outage_batches_grow_by_1_10_and_full(void **state)
{
	unsigned ramp = FR_RAMP_START;

	(void)state;
	assert_int_equal(ramp, 1);
	ramp = fr_backoff_next_ramp(ramp);
	assert_int_equal(ramp, 10);
	ramp = fr_backoff_next_ramp(ramp);
	assert_int_equal(ramp, 0);
	assert_int_equal(fr_backoff_next_ramp(ramp), 0);
}

static void between_takes_both_ends_in(void **state)
{
	bool seen[3] = {false};
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		seen[fr_backoff_between_ms(0, 2, next_random())] = true;
	assert_true(seen[0] && seen[1] && seen[2]);
	assert_int_equal(fr_backoff_between_ms(7, 7, next_random()), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_lies_between_half_the_delay_and_the_delay),
		cmocka_unit_test(waits_spread_evenly_also_at_the_cap),
		cmocka_unit_test(a_pace_is_any_time_up_to_the_delay_and_none_when_all_is_forgiven),
		cmocka_unit_test(the_delay_never_overflows),
		cmocka_unit_test(failures_are_forgiven_by_twos),
		cmocka_unit_test(after_an_outage_batches_grow_by_1_10_and_full),
		cmocka_unit_test(between_takes_both_ends_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

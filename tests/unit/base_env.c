/* The real world, as far as it can be asserted: clocks go forwards, randomness differs, boots have
 * ids. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/env.h"

static void the_clocks_move_forwards_and_the_wall_clock_is_now(void **state)
{
	struct fr_env env;
	int64_t before, after;

	(void)state;
	fr_env_real(&env);
	before = fr_env_boot_us(&env);
	assert_true(before > 0);
	after = fr_env_boot_us(&env);
	assert_true(after >= before);
	before = (int64_t)time(NULL) - 2;
	after = fr_env_wall_us(&env) / 1000000;
	assert_true(after >= before && after < before + 10);
}

static void random_bytes_fill_all_that_was_asked_for(void **state)
{
	unsigned char bytes[3000];
	struct fr_env env;
	size_t counts[256] = {0};
	size_t i;

	(void)state;
	memset(bytes, 0, sizeof bytes);
	fr_env_real(&env);
	assert_int_equal(fr_env_random(&env, bytes, sizeof bytes), FR_OK);
	for (i = 0; i < sizeof bytes; i++)
		counts[bytes[i]]++;
	for (i = 0; i < 256; i++)
		assert_true(counts[i] < 60); /* 12 expected; 60 once in 10^20 runs */
	assert_int_equal(fr_env_random(&env, bytes, 0), FR_OK);
}

static void the_boot_has_an_id_and_keeps_it(void **state)
{
	struct fr_env one, other;

	(void)state;
	fr_env_real(&one);
	fr_env_real(&other);
	assert_non_null(one.boot_id);
	assert_string_equal(one.boot_id, other.boot_id);
#ifdef __linux__
	assert_int_equal(strlen(one.boot_id), 36);
#endif
}

static void an_empty_variable_counts_as_unset(void **state)
{
	struct fr_env env;

	(void)state;
	fr_env_real(&env);
	assert_int_equal(setenv("FLIGHTREC_APP", "", 1), 0);
	assert_null(fr_env_variable(&env, "FLIGHTREC_APP"));
	assert_int_equal(setenv("FLIGHTREC_APP", "x", 1), 0);
	assert_string_equal(fr_env_variable(&env, "FLIGHTREC_APP"), "x");
	assert_int_equal(unsetenv("FLIGHTREC_APP"), 0);
	assert_null(fr_env_variable(&env, "FLIGHTREC_APP"));
}

static void the_real_worlds_log_is_silent(void **state)
{
	struct fr_env env;

	(void)state;
	fr_env_real(&env);
	assert_null(env.log.write);
	fr_log(&env.log, FR_LOG_ERROR, "nobody.hears", "%d", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clocks_move_forwards_and_the_wall_clock_is_now),
		cmocka_unit_test(random_bytes_fill_all_that_was_asked_for),
		cmocka_unit_test(the_boot_has_an_id_and_keeps_it),
		cmocka_unit_test(an_empty_variable_counts_as_unset),
		cmocka_unit_test(the_real_worlds_log_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

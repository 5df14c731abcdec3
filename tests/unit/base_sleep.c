/* Has the machine slept? Two clocks in, a verdict out. */
#include "support/test.h"

#include <unistd.h>

#include "base/env.h"
#include "base/sleep.h"

#define SECOND_US INT64_C(1000000)

static const int64_t boot_us = 5000 * SECOND_US, awake_us = 3000 * SECOND_US;

static void time_that_passes_awake_is_no_sleep(void **state)
{
	struct fr_sleep sleep;

	(void)state;
	fr_sleep_init(&sleep, boot_us, awake_us);
	for (int64_t passed = 0; passed < 100000 * SECOND_US; passed += 997 * SECOND_US)
		assert_false(fr_sleep_look(&sleep, boot_us + passed, awake_us + passed));
}

static void a_night_is_noticed_once(void **state)
{
	const int64_t night = 8 * 3600 * SECOND_US;
	struct fr_sleep sleep;

	(void)state;
	fr_sleep_init(&sleep, boot_us, awake_us);
	assert_true(fr_sleep_look(&sleep, boot_us + night, awake_us + 2 * SECOND_US));
	assert_false(fr_sleep_look(&sleep, boot_us + night + SECOND_US, awake_us + 3 * SECOND_US));
	assert_true(
		fr_sleep_look(&sleep, boot_us + 2 * night + SECOND_US, awake_us + 4 * SECOND_US));
}

static void two_clocks_read_one_after_the_other_are_no_sleep(void **state)
{
	struct fr_sleep sleep;

	(void)state;
	fr_sleep_init(&sleep, boot_us, awake_us);
	assert_false(fr_sleep_look(&sleep, boot_us + SECOND_US - 1, awake_us));
	assert_false(fr_sleep_look(&sleep, boot_us + SECOND_US, awake_us + 100));
	assert_false(fr_sleep_look(&sleep, boot_us, awake_us + SECOND_US));
}

static void the_awake_clock_runs_and_is_never_ahead(void **state)
{
	struct fr_env env;
	int64_t before = fr_sleep_awake_us();

	(void)state;
	fr_env_real(&env);
	(void)usleep(2000);
	assert_true(fr_sleep_awake_us() >= before + 2000);
	assert_true(fr_sleep_awake_us() <= fr_env_boot_us(&env));
}

static void a_machine_that_stays_awake_says_nothing(void **state)
{
	char byte[8];
	int fd = fr_sleep_open();

	(void)state;
	if (fd < 0)
		skip();
	(void)usleep(20000);
	assert_int_equal(read(fd, byte, sizeof byte), -1);
	fr_sleep_read(fd); /* does not block either */
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_that_passes_awake_is_no_sleep),
		cmocka_unit_test(a_night_is_noticed_once),
		cmocka_unit_test(two_clocks_read_one_after_the_other_are_no_sleep),
		cmocka_unit_test(the_awake_clock_runs_and_is_never_ahead),
		cmocka_unit_test(a_machine_that_stays_awake_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

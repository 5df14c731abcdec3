#include "support/test.h"

#include <string.h>

#include "ship/retry_after.h"

#define DATE "Sun, 22 Nov 2026 08:35:00 GMT"

static void seconds_are_clamped_to_1_s_and_6_h(void **state)
{
	(void)state;
	assert_int_equal(fr_retry_after_ms("120", ""), 120000);
	assert_int_equal(fr_retry_after_ms("0120", ""), 120000);
	assert_int_equal(fr_retry_after_ms("0", ""), 1000);
	assert_int_equal(fr_retry_after_ms("1", ""), 1000);
	assert_int_equal(fr_retry_after_ms("21600", ""), 21600000);
	assert_int_equal(fr_retry_after_ms("21601", ""), 21600000);
	assert_int_equal(fr_retry_after_ms("9223372036854775808", ""), 21600000);
	assert_int_equal(fr_retry_after_ms("99999999999999999999999999999999999999", ""), 21600000);
}

static void nonsense_is_no_wish(void **state)
{
	static const char *const nonsense[] = {"",
					       " ",
					       "-1",
					       "+1",
					       "1.5",
					       "1s",
					       "0x10",
					       "soon",
					       "1 ",
					       "2026-11-22T08:36:00Z",
					       "Sun, 22 Nov 2026 08:36:00",
					       "Sun, 32 Nov 2026 08:36:00 GMT",
					       "Sun, 22 Foo 2026 08:36:00 GMT",
					       "Sun, 22 anF 2026 08:36:00 GMT",
					       "Sun, 22 Nov 2026 25:36:00 GMT",
					       "Sun, 22 Nov 2026 08:36:00 GMT+1",
					       "Sun, 22 Nov -026 08:36:00 GMT"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
		assert_int_equal(fr_retry_after_ms(nonsense[i], DATE), 0);
}

static void a_date_is_judged_by_the_servers_own_date(void **state)
{
	(void)state;
	assert_int_equal(fr_retry_after_ms("Sun, 22 Nov 2026 08:36:30 GMT", DATE), 90000);
	/* The server lives a day later, or fifty years earlier: it is its clock that counts. */
	assert_int_equal(
		fr_retry_after_ms("Mon, 23 Nov 2026 08:36:30 GMT", "Mon, 23 Nov 2026 08:35:00 GMT"),
		90000);
	assert_int_equal(
		fr_retry_after_ms("Mon, 22 Nov 1976 08:36:30 GMT", "Mon, 22 Nov 1976 08:35:00 GMT"),
		90000);
	assert_int_equal(fr_retry_after_ms("Sun, 22 Nov 2026 08:34:00 GMT", DATE), 1000);
	assert_int_equal(fr_retry_after_ms("Tue, 22 Nov 2033 08:34:00 GMT", DATE), 21600000);
}

static void a_date_without_the_servers_date_is_no_wish(void **state)
{
	(void)state;
	assert_int_equal(fr_retry_after_ms(DATE, ""), 0);
	assert_int_equal(fr_retry_after_ms(DATE, "yesterday"), 0);
}

static void all_three_forms_of_a_date_are_read(void **state)
{
	static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
					    "Sunday, 06-Nov-94 08:49:37 GMT",
					    "Sun Nov  6 08:49:37 1994"};
	int64_t wall_us;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_true(fr_http_date_parse(forms[i], &wall_us));
		assert_int_equal(wall_us, INT64_C(784111777) * 1000000);
	}
	assert_true(fr_http_date_parse("Friday, 22-Nov-26 08:35:00 GMT", &wall_us));
	assert_int_equal(wall_us, INT64_C(1795336500) * 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_clamped_to_1_s_and_6_h),
		cmocka_unit_test(nonsense_is_no_wish),
		cmocka_unit_test(a_date_is_judged_by_the_servers_own_date),
		cmocka_unit_test(a_date_without_the_servers_date_is_no_wish),
		cmocka_unit_test(all_three_forms_of_a_date_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

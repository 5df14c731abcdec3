#include "event/number.h"

#include <string.h>

#include "support/test.h"

static int compare(const char *a, const char *b)
{
	int forth = fr_number_compare(a, strlen(a), b, strlen(b));

	assert_int_equal(fr_number_compare(b, strlen(b), a, strlen(a)), -forth);
	return forth;
}

static void the_same_value_is_equal_however_it_is_written(void **state)
{
	(void)state;
	assert_int_equal(compare("100", "1e2"), 0);
	assert_int_equal(compare("100.00", "1.000E+2"), 0);
	assert_int_equal(compare("0.05", "5e-2"), 0);
	assert_int_equal(compare("0.050", "0.05"), 0);
	assert_int_equal(compare("-12.5", "-1250e-2"), 0);
	assert_int_equal(compare("0", "-0.000e77"), 0);
}

static void no_digit_is_lost_in_a_comparison(void **state)
{
	(void)state;
	assert_int_equal(compare("9007199254740993", "9007199254740992"), 1);
	assert_int_equal(compare("18446744073709551615", "18446744073709551616"), -1);
	assert_int_equal(compare("0.1", "0.10000000000000000000000000000000001"), -1);
	assert_int_equal(compare("99999999999999999999", "1e20"), -1);
}

static void signs_and_sizes_are_in_order(void **state)
{
	static const char *const ascending[] = {"-1e9",  "-100", "-99.9", "-0.01", "0",
						"1e-30", "0.5",  "0.51",  "5",     "50",
						"51",    "1e3",  "1e400"};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof ascending / sizeof ascending[0]; i++)
		for (j = 0; j < i; j++)
			assert_int_equal(compare(ascending[j], ascending[i]), -1);
}

static void an_exponent_past_all_reason_is_only_very_large(void **state)
{
	(void)state;
	assert_int_equal(compare("1e99999999999999999999999", "1e400"), 1);
	assert_int_equal(compare("1e-99999999999999999999999", "1e-400"), -1);
}

static bool is_whole(const char *text)
{
	return fr_number_is_whole(text, strlen(text));
}

static void a_whole_value_is_whole_however_it_is_written(void **state)
{
	(void)state;
	assert_true(is_whole("0"));
	assert_true(is_whole("-0.0"));
	assert_true(is_whole("3"));
	assert_true(is_whole("3.0"));
	assert_true(is_whole("30e-1"));
	assert_true(is_whole("1.5e1"));
	assert_true(is_whole("1e300"));
	assert_false(is_whole("3.5"));
	assert_false(is_whole("1e-1"));
	assert_false(is_whole("1.25e1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_value_is_equal_however_it_is_written),
		cmocka_unit_test(no_digit_is_lost_in_a_comparison),
		cmocka_unit_test(signs_and_sizes_are_in_order),
		cmocka_unit_test(an_exponent_past_all_reason_is_only_very_large),
		cmocka_unit_test(a_whole_value_is_whole_however_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

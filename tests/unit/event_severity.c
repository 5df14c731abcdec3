/* Severities: their names, their order, and what is none. */
#include "support/test.h"

#include "event/severity.h"

static void names_read_back_in_order(void **state)
{
	static const char *const names[] = {"trace", "debug", "info", "warn", "error", "fatal"};
	enum fr_severity severity;
	int i;

	(void)state;
	for (i = 0; i < 6; i++) {
		assert_true(fr_severity_parse(names[i], &severity));
		assert_int_equal(severity, i + 1);
		assert_string_equal(fr_severity_name(severity), names[i]);
	}
}

static void other_words_are_no_severity(void **state)
{
	static const char *const wrong[] = {"", "INFO", "warning", "info ", "inf", "3", "err"};
	enum fr_severity severity = FR_FATAL;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(fr_severity_parse(wrong[i], &severity));
	assert_int_equal(severity, FR_FATAL);
}

static void a_number_out_of_range_still_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(fr_severity_name((enum fr_severity)0), "info");
	assert_string_equal(fr_severity_name((enum fr_severity)7), "info");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_read_back_in_order),
		cmocka_unit_test(other_words_are_no_severity),
		cmocka_unit_test(a_number_out_of_range_still_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Times as text: known instants, the calendar's edges, and every form that is not RFC 3339. */
#include "support/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static int64_t time_of(const char *text)
{
	int64_t wall_us = -1;

	if (!fr_time_parse(text, strlen(text), &wall_us))
		fail_msg("\"%s\" was refused", text);
	return wall_us;
}

static void known_instants_are_written(void **state)
{
	static const struct {
		int64_t wall_us;
		const char *text;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000000Z"},
		{INT64_C(1795336500123456), "2026-11-22T08:35:00.123456Z"},
		{INT64_C(951782400000000), "2000-02-29T00:00:00.000000Z"},
		{INT64_C(4107542399999999), "2100-02-28T23:59:59.999999Z"},
		{INT64_C(4107542400000000), "2100-03-01T00:00:00.000000Z"},
		{INT64_C(253402300799999999), "9999-12-31T23:59:59.999999Z"},
		{-1, "1969-12-31T23:59:59.999999Z"},
		{INT64_MAX, "9999-12-31T23:59:59.999999Z"},
		{INT64_MIN, "0000-01-01T00:00:00.000000Z"},
	};
	char text[FR_TIME_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fr_time_format(text, cases[i].wall_us);
		assert_string_equal(text, cases[i].text);
		if (cases[i].wall_us >= 0 && cases[i].wall_us < INT64_MAX)
			assert_int_equal(time_of(text), cases[i].wall_us);
	}
}

static void every_day_of_eight_thousand_years_reads_back(void **state)
{
	const int64_t day_us = INT64_C(86400) * 1000000;
	char text[FR_TIME_TEXT], before[FR_TIME_TEXT] = "";
	int64_t wall_us;

	(void)state;
	for (wall_us = 123456; wall_us < INT64_C(253402300800) * 1000000; wall_us += day_us) {
		fr_time_format(text, wall_us);
		assert_int_equal(time_of(text), wall_us);
		assert_true(strcmp(before, text) < 0);
		memcpy(before, text, sizeof text);
	}
}

static void offsets_and_fractions_are_understood(void **state)
{
	const int64_t expected = INT64_C(1795336500) * 1000000;

	(void)state;
	assert_int_equal(time_of("2026-11-22T08:35:00Z"), expected);
	assert_int_equal(time_of("2026-11-22t08:35:00z"), expected);
	assert_int_equal(time_of("2026-11-22 08:35:00Z"), expected);
	assert_int_equal(time_of("2026-11-22T09:35:00+01:00"), expected);
	assert_int_equal(time_of("2026-11-22T03:05:00-05:30"), expected);
	assert_int_equal(time_of("2026-11-23T08:34:00+23:59"), expected);
	assert_int_equal(time_of("2026-11-22T08:35:00-00:00"), expected);
	assert_int_equal(time_of("2026-11-22T08:35:00.5Z"), expected + 500000);
	assert_int_equal(time_of("2026-11-22T08:35:00.000001Z"), expected + 1);
	assert_int_equal(time_of("2026-11-22T08:35:00.1234567890123456789Z"), expected + 123456);
	assert_int_equal(time_of("1970-01-01T00:00:00Z"), 0);
}

static void a_leap_second_counts_as_the_second_before(void **state)
{
	(void)state;
	assert_int_equal(time_of("2016-12-31T23:59:60.25Z"), time_of("2016-12-31T23:59:59.25Z"));
}

static void other_forms_are_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"2026",
		"2026-11-22",
		"2026-11-22T08:35Z",
		"2026-11-22T08:35:00",
		"2026-11-22T08:35:00.Z",
		"2026-11-22T08:35:00,5Z",
		"2026-11-22T08:35:00Zx",
		" 2026-11-22T08:35:00Z",
		"2026-11-22T08:35:00 Z",
		"2026-13-22T08:35:00Z",
		"2026-00-22T08:35:00Z",
		"2026-11-31T08:35:00Z",
		"2026-11-00T08:35:00Z",
		"2026-02-29T08:35:00Z",
		"2100-02-29T08:35:00Z",
		"2026-11-22T24:00:00Z",
		"2026-11-22T08:60:00Z",
		"2026-11-22T08:35:61Z",
		"2026-11-22T08:35:00+0100",
		"2026-11-22T08:35:00+24:00",
		"2026-11-22T08:35:00+01:60",
		"2026-11-22T08:35:00+",
		"2026/11/22T08:35:00Z",
		"26-11-22T08:35:00Z",
		"1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"10000-01-01T00:00:00Z",
		"+2026-11-22T08:35:00Z",
		"2026-11-22X08:35:00Z",
		"yesterday",
	};
	int64_t wall_us = -1;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (fr_time_parse(wrong[i], strlen(wrong[i]), &wall_us) || wall_us != -1)
			fail_msg("\"%s\" was taken", wrong[i]);
	assert_false(fr_time_parse("2026-11-22T08:35:00Z\0", 21, &wall_us));
	for (i = 0; i < 20; i++)
		assert_false(fr_time_parse("2026-11-22T08:35:00Z", i, &wall_us));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_instants_are_written),
		cmocka_unit_test(every_day_of_eight_thousand_years_reads_back),
		cmocka_unit_test(offsets_and_fractions_are_understood),
		cmocka_unit_test(a_leap_second_counts_as_the_second_before),
		cmocka_unit_test(other_forms_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

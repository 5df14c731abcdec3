/* Sizes and durations: one whole number, one unit, and no guessing. */
#include "support/test.h"

#include <stdbool.h>

#include "base/text.h"

static void sizes_take_decimal_and_binary_units(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} cases[] = {
		{"0", 0},
		{"1000", 1000},
		{"17B", 17},
		{"2kB", 2000},
		{"2KB", 2000},
		{"512KiB", 512 * 1024},
		{"3MB", 3000000},
		{"4MiB", 4 * 1024 * 1024},
		{"2GB", INT64_C(2000000000)},
		{"2GiB", INT64_C(2) << 30},
		{"1TB", INT64_C(1000000000000)},
		{"1TiB", INT64_C(1) << 40},
		{"9223372036854775807", INT64_MAX},
		{"8388607TiB", INT64_C(8388607) << 40},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t bytes = -1;

		if (!fr_size_parse(cases[i].text, &bytes) || bytes != cases[i].bytes)
			fail_msg("\"%s\" is %lld", cases[i].text, (long long)bytes);
	}
}

static void what_is_not_a_size_is_refused_and_changes_nothing(void **state)
{
	static const char *const wrong[] = {
		"",           " ",
		"-1",         "+1",
		" 1",         "1 ",
		"1 MiB",      "MiB",
		"4mib",       "4MIB",
		"1.5MiB",     "1e3",
		"0x10",       "1KiBx",
		"1K",         "1Ki",
		"15s",        "9223372036854775808",
		"8388608TiB", "99999999999999999999999999",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		int64_t bytes = -1;

		if (fr_size_parse(wrong[i], &bytes) || bytes != -1)
			fail_msg("\"%s\" is %lld", wrong[i], (long long)bytes);
	}
}

static void durations_need_their_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{"0s", 0},
		{"500ms", 500},
		{"15s", 15000},
		{"5m", 300000},
		{"6h", 21600000},
		{"30d", INT64_C(2592000000)},
		{"9223372036854775807ms", INT64_MAX},
	};
	static const char *const wrong[] = {
		"",
		"15",
		"s",
		"15S",
		"15 s",
		"1.5s",
		"-1s",
		"1w",
		"1y",
		"1us",
		"5min",
		"9223372036854775807s",
		"106751991168d",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t ms = -1;

		if (!fr_duration_parse(cases[i].text, &ms) || ms != cases[i].ms)
			fail_msg("\"%s\" is %lld", cases[i].text, (long long)ms);
	}
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		int64_t ms = -1;

		if (fr_duration_parse(wrong[i], &ms) || ms != -1)
			fail_msg("\"%s\" is %lld", wrong[i], (long long)ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_take_decimal_and_binary_units),
		cmocka_unit_test(what_is_not_a_size_is_refused_and_changes_nothing),
		cmocka_unit_test(durations_need_their_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

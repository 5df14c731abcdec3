/* An error is filled once, says what was meant, and never grows past its place. */
#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "base/status.h"

static void a_failure_carries_its_status_and_its_text(void **state)
{
	struct fr_error err = {FR_OK, ""};

	(void)state;
	assert_int_equal(fr_fail(&err, FR_IO, "open %s: %d", "queue.db", 5), FR_IO);
	assert_int_equal(err.status, FR_IO);
	assert_string_equal(err.text, "open queue.db: 5");
}

static void a_failure_without_an_error_still_returns_its_status(void **state)
{
	(void)state;
	assert_int_equal(fr_fail(NULL, FR_BUSY, "nobody listens"), FR_BUSY);
	assert_int_equal(fr_fail_within(NULL, FR_BUSY, "nobody listens"), FR_BUSY);
	assert_int_equal(fr_fail_system(NULL, FR_BUSY, EIO, "nobody listens"), FR_BUSY);
}

static void words_are_put_in_front_of_a_text(void **state)
{
	struct fr_error err;

	(void)state;
	(void)fr_fail(&err, FR_INVALID, "not a size");
	assert_int_equal(fr_fail_within(&err, FR_INVALID, "line %d: ", 3), FR_INVALID);
	assert_string_equal(err.text, "line 3: not a size");
}

static void an_error_may_be_part_of_its_own_new_text(void **state)
{
	struct fr_error err;

	(void)state;
	(void)fr_fail(&err, FR_IO, "disk full");
	(void)fr_fail(&err, FR_IO, "writing %s, and again %s", err.text, err.text);
	assert_string_equal(err.text, "writing disk full, and again disk full");
}

static void the_systems_words_follow_a_colon(void **state)
{
	struct fr_error err;

	(void)state;
	(void)fr_fail_system(&err, FR_IO, ENOENT, "open %s", "x");
	assert_string_equal(err.text, "open x: No such file or directory");
}

static void a_text_that_is_too_long_ends_in_dots(void **state)
{
	struct fr_error err;
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	(void)fr_fail(&err, FR_IO, "%s", text);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_string_equal(err.text + sizeof err.text - 5, "x...");
	(void)fr_fail_within(&err, FR_IO, "%s", text);
	assert_string_equal(err.text + sizeof err.text - 5, "x...");
	(void)fr_fail_system(&err, FR_IO, EIO, "%s", text);
	assert_string_equal(err.text + sizeof err.text - 5, "x...");
}

static void a_cut_falls_between_two_characters(void **state)
{
	struct fr_error err;
	char text[2000];
	size_t at;

	(void)state;
	text[0] = 'x'; /* so that the cut would fall into a two-byte character */
	for (at = 1; at + 2 < sizeof text; at += 2)
		memcpy(text + at, "\xc3\xa9", 2);
	text[at] = '\0';
	(void)fr_fail(&err, FR_IO, "%s", text);
	at = strlen(err.text);
	assert_string_equal(err.text + at - 3, "...");
	assert_int_equal((unsigned char)err.text[at - 4], 0xa9);
}

static void every_status_has_words_of_its_own(void **state)
{
	static const enum fr_status all[] = {
		FR_OK,      FR_OFF,       FR_UNDECLARED, FR_EXPIRED, FR_NOT_INTERNAL, FR_LIMITED,
		FR_INVALID, FR_TOO_LARGE, FR_NOMEM,      FR_FULL,    FR_BUSY,         FR_IO,
		FR_CORRUPT, FR_UNCERTAIN, FR_TOO_NEW,    FR_NONE,
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof all / sizeof all[0]; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(fr_status_text(all[i]), fr_status_text(all[j]));
	assert_string_equal(fr_status_text((enum fr_status)99), "unknown status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_carries_its_status_and_its_text),
		cmocka_unit_test(a_failure_without_an_error_still_returns_its_status),
		cmocka_unit_test(words_are_put_in_front_of_a_text),
		cmocka_unit_test(an_error_may_be_part_of_its_own_new_text),
		cmocka_unit_test(the_systems_words_follow_a_colon),
		cmocka_unit_test(a_text_that_is_too_long_ends_in_dots),
		cmocka_unit_test(a_cut_falls_between_two_characters),
		cmocka_unit_test(every_status_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

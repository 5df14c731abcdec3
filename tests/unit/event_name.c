/* What events and properties may be called, character by character. */
#include "support/test.h"

#include <ctype.h>
#include <string.h>

#include "event/name.h"

static bool is_letter(int c)
{
	return c < 128 && isalpha(c) != 0;
}

static bool is_part(int c)
{
	return c != 0 && c < 128 && (isalnum(c) != 0 || strchr("_.:-", c) != NULL);
}

static void every_byte_stands_where_it_may(void **state)
{
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		char first[] = {(char)c, 'x', '\0'};
		char later[] = {'x', (char)c, '\0'};

		assert_int_equal(fr_key_is_valid(first, 2), is_letter(c) || c == '_');
		assert_int_equal(fr_key_is_valid(later, 2), is_part(c));
		assert_int_equal(fr_name_is_valid(first), is_letter(c));
		if (c != 0)
			assert_int_equal(fr_name_is_valid(later), is_part(c));
	}
}

static void lengths_are_bounded(void **state)
{
	char text[FR_NAME_MAX + 2];

	(void)state;
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_false(fr_name_is_valid(text));
	text[FR_NAME_MAX] = '\0';
	assert_true(fr_name_is_valid(text));
	assert_true(fr_key_is_valid(text, FR_KEY_MAX));
	assert_false(fr_key_is_valid(text, FR_KEY_MAX + 1));
	assert_true(fr_key_is_valid("a", 1));
	assert_false(fr_key_is_valid("", 0));
	assert_true(fr_name_is_valid("a"));
	assert_false(fr_name_is_valid(""));
}

static void a_quote_is_printable_and_short(void **state)
{
	char quote[FR_QUOTE_TEXT];
	char text[200];

	(void)state;
	fr_name_quote(quote, "plain", 5);
	assert_string_equal(quote, "plain");
	fr_name_quote(quote, "a\x1b[2J\n\0\xc3\xa9", 9);
	assert_string_equal(quote, "a?[2J????");
	memset(text, 'x', sizeof text);
	fr_name_quote(quote, text, FR_QUOTE_TEXT - 4);
	assert_int_equal(strlen(quote), FR_QUOTE_TEXT - 4);
	assert_null(strchr(quote, '.'));
	fr_name_quote(quote, text, sizeof text);
	assert_int_equal(strlen(quote), FR_QUOTE_TEXT - 1);
	assert_string_equal(quote + FR_QUOTE_TEXT - 5, "x...");
	fr_name_quote(quote, "", 0);
	assert_string_equal(quote, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_stands_where_it_may),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(a_quote_is_printable_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

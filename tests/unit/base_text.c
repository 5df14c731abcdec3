/* Globs, copies and UTF-8: each rule with what just passes and what just fails. */
#include "support/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void a_glob_matches_the_whole_text(void **state)
{
	static const struct {
		const char *glob;
		const char *text;
		bool matches;
	} cases[] = {
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "anything", true},
		{"a", "a", true},
		{"a", "b", false},
		{"a", "ab", false},
		{"a*", "abc", true},
		{"a*", "ba", false},
		{"*c", "abc", true},
		{"*c", "abcd", false},
		{"a*c", "abbbc", true},
		{"a*c", "ac", true},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"??", "ab", true},
		{"??", "a", false},
		{"*a*b*", "xaxbx", true},
		{"*a*b*", "xbxax", false},
		{"api_*", "api_call", true},
		{"**", "x", true},
		{"*ab", "aab", true},
		{"*aab*", "aaab", true},
		{"a*", "A", false},
		{"[a]", "a", false},
		{"[a]", "[a]", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (fr_glob_matches(cases[i].glob, cases[i].text) != cases[i].matches)
			fail_msg("glob \"%s\", text \"%s\"", cases[i].glob, cases[i].text);
}

/* The plain definition, exponential as it is: short globs over two letters are all compared with
 * it. */
static bool matches_by_definition(const char *glob, const char *text)
{
	if (*glob == '\0')
		return *text == '\0';
	if (*glob == '*')
		return matches_by_definition(glob + 1, text) ||
		       (*text != '\0' && matches_by_definition(glob, text + 1));
	return *text != '\0' && (*glob == '?' || *glob == *text) &&
	       matches_by_definition(glob + 1, text + 1);
}

static void word_of(char *out, unsigned number, unsigned length, const char *letters)
{
	unsigned base = (unsigned)strlen(letters);

	out[length] = '\0';
	while (length-- > 0) {
		out[length] = letters[number % base];
		number /= base;
	}
}

static void short_globs_match_as_defined(void **state)
{
	char glob[6], text[6];
	unsigned g, t;

	(void)state;
	for (g = 0; g < 1024; g++) {
		word_of(glob, g, 5, "ab*?");
		for (t = 0; t < 64; t++) {
			word_of(text, t, 5, "ab");
			text[t % 6] = '\0';
			if (fr_glob_matches(glob, text) != matches_by_definition(glob, text))
				fail_msg("glob \"%s\", text \"%s\"", glob, text);
		}
	}
}

static void a_glob_of_many_stars_ends_soon(void **state)
{
	char glob[201], text[100001];
	int i;

	(void)state;
	for (i = 0; i < 200; i += 2)
		memcpy(glob + i, "*a", 2);
	glob[199] = 'b';
	glob[200] = '\0';
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_false(fr_glob_matches(glob, text));
}

static void a_copy_ends_where_its_room_ends(void **state)
{
	char out[4];

	(void)state;
	assert_true(fr_text_copy(out, sizeof out, "abc"));
	assert_string_equal(out, "abc");
	assert_false(fr_text_copy(out, sizeof out, "abcd"));
	assert_string_equal(out, "abc");
	assert_true(fr_text_copy(out, 1, ""));
	assert_string_equal(out, "");
	assert_false(fr_text_copy(out, 0, ""));
}

static size_t encode_by_definition(char out[4], unsigned code)
{
	if (code < 0x80)
		return (void)(out[0] = (char)code), 1;
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static void every_character_is_valid_and_no_surrogate(void **state)
{
	char bytes[4];
	unsigned code;

	(void)state;
	for (code = 0; code < 0x110000; code++) {
		size_t length = encode_by_definition(bytes, code);
		bool is_surrogate = code >= 0xd800 && code <= 0xdfff;

		if (fr_utf8_next(bytes, length) != (is_surrogate ? 0 : length) ||
		    fr_utf8_is_valid(bytes, length) == is_surrogate ||
		    (length > 1 && fr_utf8_next(bytes, length - 1) != 0))
			fail_msg("U+%04X", code);
	}
	(void)encode_by_definition(bytes, 0x110000);
	assert_int_equal(fr_utf8_next(bytes, 4), 0);
}

static void broken_utf8_is_refused(void **state)
{
	static const char *const broken[] = {
		"\x80",             /* a continuation alone */
		"\xc0\x80",         /* overlong NUL */
		"\xc1\xbf",         /* overlong */
		"\xe0\x80\xaf",     /* overlong slash */
		"\xe0\x9f\xbf",     /* overlong */
		"\xed\xa0\x80",     /* a high surrogate */
		"\xed\xbf\xbf",     /* a low surrogate */
		"\xf0\x80\x80\xaf", /* overlong */
		"\xf0\x8f\xbf\xbf", /* overlong */
		"\xf4\x90\x80\x80", /* past U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xff",
		"\xfe",
		"\xc3",
		"\xe2\x82",
		"\xf0\x9f\x98",
		"\xc3(",
		"\xe2(\xac",
		"\xe2\x82(",
		"\xf0(\x98\x80",
		"\xf0\x9f(\x80",
		"\xf0\x9f\x98(",
		"plain text and then \xff",
		"12345678\x80",
		"1234567\x80",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof broken / sizeof broken[0]; i++)
		if (fr_utf8_is_valid(broken[i], strlen(broken[i])))
			fail_msg("case %zu", i);
}

static void valid_utf8_is_found_valid_at_any_place(void **state)
{
	char text[64];
	size_t at;

	(void)state;
	for (at = 0; at + 4 < sizeof text; at++) {
		memset(text, 'x', sizeof text);
		memcpy(text + at, "\xf0\x9f\x98\x80", 4);
		assert_true(fr_utf8_is_valid(text, sizeof text));
		assert_false(fr_utf8_is_valid(text, at + 3));
	}
	assert_true(fr_utf8_is_valid("", 0));
	assert_true(fr_utf8_is_valid("a\0b", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_glob_matches_the_whole_text),
		cmocka_unit_test(short_globs_match_as_defined),
		cmocka_unit_test(a_glob_of_many_stars_ends_soon),
		cmocka_unit_test(a_copy_ends_where_its_room_ends),
		cmocka_unit_test(every_character_is_valid_and_no_surrogate),
		cmocka_unit_test(broken_utf8_is_refused),
		cmocka_unit_test(valid_utf8_is_found_valid_at_any_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

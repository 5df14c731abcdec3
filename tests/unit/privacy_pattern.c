#include "privacy/pattern.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* 1: it matches, 0: it does not, -1: the pattern is refused. */
static int ask(const char *pattern, const char *text, size_t length)
{
	struct fr_arena arena;
	struct fr_pattern *compiled;
	struct fr_error err = {FR_OK, ""};
	int answer = -1;

	fr_arena_init(&arena);
	if (fr_pattern_compile(&compiled, &arena, pattern, strlen(pattern), &err) == FR_OK)
		answer = fr_pattern_matches(compiled, text, length);
	else
		assert_true(err.text[0] != '\0');
	fr_arena_fini(&arena);
	return answer;
}

static int match(const char *pattern, const char *text)
{
	return ask(pattern, text, strlen(text));
}

static void assert_refused(const char *pattern, enum fr_status expected, const char *words)
{
	struct fr_arena arena;
	struct fr_pattern *compiled;
	struct fr_error err = {FR_OK, ""};

	fr_arena_init(&arena);
	assert_int_equal(fr_pattern_compile(&compiled, &arena, pattern, strlen(pattern), &err),
			 expected);
	assert_null(compiled);
	assert_non_null(strstr(err.text, words));
	fr_arena_fini(&arena);
}

static void a_pattern_matches_anywhere_unless_it_is_anchored(void **state)
{
	(void)state;
	assert_int_equal(match("b", "abc"), 1);
	assert_int_equal(match("^b", "abc"), 0);
	assert_int_equal(match("^a", "abc"), 1);
	assert_int_equal(match("c$", "abc"), 1);
	assert_int_equal(match("b$", "abc"), 0);
	assert_int_equal(match("^abc$", "abc"), 1);
	assert_int_equal(match("^abc$", "abcd"), 0);
	assert_int_equal(match("^a|c$", "xc"), 1);
	assert_int_equal(match("^a|c$", "xa"), 0);
}

static void what_asks_for_nothing_matches_everything(void **state)
{
	(void)state;
	assert_int_equal(match("", ""), 1);
	assert_int_equal(match("", "x"), 1);
	assert_int_equal(match("a*", "bbb"), 1);
	assert_int_equal(match("^", "x"), 1);
	assert_int_equal(match("^$", ""), 1);
	assert_int_equal(match("^$", "x"), 0);
	assert_int_equal(match("^(a|)$", "b"), 0);
	assert_int_equal(match("()", ""), 1);
}

static void repetitions_count(void **state)
{
	(void)state;
	assert_int_equal(match("^a{2}$", "aa"), 1);
	assert_int_equal(match("^a{2}$", "aaa"), 0);
	assert_int_equal(match("^a{2,}$", "a"), 0);
	assert_int_equal(match("^a{2,}$", "aaaaa"), 1);
	assert_int_equal(match("^a{0,3}$", "aaaa"), 0);
	assert_int_equal(match("^(ab){1,2}c?$", "ababc"), 1);
	assert_int_equal(match("^(ab){1,2}c?$", "abababc"), 0);
	assert_int_equal(match("^x{0}y$", "y"), 1);
	assert_int_equal(match("^a+?b*?$", "aab"), 1);
}

static void classes_take_what_they_say(void **state)
{
	(void)state;
	assert_int_equal(match("^[a-z_]+$", "permission_denied"), 1);
	assert_int_equal(match("^[a-z_]+$", "Permission"), 0);
	assert_int_equal(match("^[^0-9]$", "x"), 1);
	assert_int_equal(match("^[^0-9]$", "7"), 0);
	assert_int_equal(match("^[]$", "x"), 0);
	assert_int_equal(match("^[^]$", "x"), 1);
	assert_int_equal(match("^[a\\]-]+$", "a]-"), 1);
	assert_int_equal(match("^[\\d.]+$", "3.14"), 1);
	assert_int_equal(match("^[^\\s]+$", "a b"), 0);
	assert_int_equal(match("^[^\\S]+$", " \t"), 1);
	assert_int_equal(match("^\\w+\\W\\d\\D\\s\\S$", "ab_9-1x y"), 1);
	assert_int_equal(match("^.$", "\n"), 0);
}

static void characters_are_code_points(void **state)
{
	(void)state;
	assert_int_equal(match("^.$", "\xc3\xa9"), 1);
	assert_int_equal(match("^..$", "\xc3\xa9"), 0);
	assert_int_equal(match("^\xc3\xa9{2}$", "\xc3\xa9\xc3\xa9"), 1);
	assert_int_equal(match("^[\\u00e0-\\u00ff]$", "\xc3\xa9"), 1);
	assert_int_equal(match("^[^a]$", "\xf0\x9f\x98\x80"), 1);
	assert_int_equal(match("^\\u{1F600}$", "\xf0\x9f\x98\x80"), 1);
	assert_int_equal(match("^\\s$", "\xe3\x80\x80"), 1);
	assert_int_equal(ask("^a\\0b$", "a\0b", 3), 1);
}

static void what_is_not_regular_is_refused_by_name(void **state)
{
	(void)state;
	assert_refused("(?=a)", FR_INVALID, "look-around");
	assert_refused("(?<n>a)", FR_INVALID, "named groups");
	assert_refused("(a)\\1", FR_INVALID, "character 5");
	assert_refused("\\bword", FR_INVALID, "not supported");
	assert_refused("\\p{L}", FR_INVALID, "not supported");
	assert_refused("(^a)", FR_INVALID, "\"^\"");
	assert_refused("a$b", FR_INVALID, "\"$\"");
}

static void what_is_no_pattern_is_refused_with_its_place(void **state)
{
	static const char *const broken[] = {
		"*",     "a**",     "(",      ")",    "(a", "a)",   "[a",    "[z-a]",
		"a{",    "a{2",     "a{3,2}", "a{x}", "\\", "[\\",  "\\x4",  "\\u12",
		"\\u{}", "\\u{1",   "{2}",    "]",    "}",  "a|*",  "[a-\\", "\\u{110000}",
		"a{1,b", "a{1001}", "+",      "?",    "(?", "(?:a", "[^",    "a++",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof broken / sizeof broken[0]; i++)
		assert_refused(broken[i], FR_INVALID, "character ");
}

static void the_bounds_hold(void **state)
{
	char deep[200], text[FR_PATTERN_BYTES_MAX + 2];
	size_t i;

	(void)state;
	assert_int_equal(match("^[a-z]{1,256}$", "abc"), 1);
	assert_refused("^[a-z]{1,257}$", FR_TOO_LARGE, "maxLength");
	assert_refused("(a{20}){20}", FR_TOO_LARGE, "maxLength");
	assert_refused("((((((){1000}){1000}){1000}){1000}){1000})", FR_TOO_LARGE, "");
	for (i = 0; i < 50; i++)
		memcpy(deep + i, "(", 2);
	assert_refused(deep, FR_INVALID, "nested");
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_refused(text, FR_TOO_LARGE, "longer than");
}

/* Each of these takes a backtracking engine longer than the age of the universe. */
static void patterns_built_to_backtrack_take_one_step_a_character(void **state)
{
	static const char *const patterns[] = {"^(a+)+$",   "^(a|a)*$",
					       "^(a|aa)+$", "^(a*)*b$",
					       "(x+x+)+y",  "^(([a-z])+.)+[A-Z]([a-z])+$"};
	enum { LENGTH = 64 * 1024 };
	char *text = malloc(LENGTH);
	size_t i;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', LENGTH);
	text[LENGTH - 1] = '!';
	for (i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
		assert_int_equal(ask(patterns[i], text, LENGTH), 0);
	free(text);
}

/* ---- against another engine ---- */

struct dice {
	unsigned long long state;
};

static unsigned roll(struct dice *dice, unsigned sides)
{
	dice->state = dice->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(dice->state >> 33) % sides;
}

/* A pattern that means the same in POSIX. */
static void write_pattern(struct dice *dice, char *out, size_t size, unsigned depth)
{
	static const char *const atoms[] = {"a", "b", "c", "[ab]", "[^a]", "."};
	static const char *const repeats[] = {"", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,2}"};
	unsigned items = 1 + roll(dice, 3), i;
	size_t at = 0;

	for (i = 0; i < items; i++) {
		char inner[256];

		if (depth > 0 && roll(dice, 3) == 0) {
			char left[120], right[120];

			write_pattern(dice, left, sizeof left, depth - 1);
			write_pattern(dice, right, sizeof right, depth - 1);
			(void)snprintf(inner, sizeof inner, "(%s|%s)", left, right);
		} else {
			(void)snprintf(inner, sizeof inner, "%s", atoms[roll(dice, 6)]);
		}
		at += (size_t)snprintf(out + at, size - at, "%s%s", inner, repeats[roll(dice, 9)]);
		assert_true(at < size);
	}
}

static void it_agrees_with_the_c_librarys_engine(void **state)
{
	struct dice dice = {20261122};
	int matched = 0, round, i;

	(void)state;
	for (round = 0; round < 2000; round++) {
		char pattern[600] = "", inner[500];
		regex_t oracle;

		write_pattern(&dice, inner, sizeof inner, 1);
		(void)snprintf(pattern, sizeof pattern, "%s%s%s", roll(&dice, 2) == 0 ? "^" : "",
			       inner, roll(&dice, 2) == 0 ? "$" : "");
		assert_int_equal(regcomp(&oracle, pattern, REG_EXTENDED | REG_NOSUB), 0);
		for (i = 0; i < 10; i++) {
			char text[9];
			unsigned length = roll(&dice, 8), j;
			int expected;

			for (j = 0; j < length; j++)
				text[j] = (char)('a' + (int)roll(&dice, 4));
			text[length] = '\0';
			expected = regexec(&oracle, text, 0, NULL, 0) == 0;
			matched += expected;
			if (match(pattern, text) != expected)
				fail_msg("%s on \"%s\": %d expected", pattern, text, expected);
		}
		regfree(&oracle);
	}
	assert_in_range(matched, 4000, 18000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_matches_anywhere_unless_it_is_anchored),
		cmocka_unit_test(what_asks_for_nothing_matches_everything),
		cmocka_unit_test(repetitions_count),
		cmocka_unit_test(classes_take_what_they_say),
		cmocka_unit_test(characters_are_code_points),
		cmocka_unit_test(what_is_not_regular_is_refused_by_name),
		cmocka_unit_test(what_is_no_pattern_is_refused_with_its_place),
		cmocka_unit_test(the_bounds_hold),
		cmocka_unit_test(patterns_built_to_backtrack_take_one_step_a_character),
		cmocka_unit_test(it_agrees_with_the_c_librarys_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

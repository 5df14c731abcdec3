/* The scanner: what RFC 8259 allows and nothing else, and where a text goes wrong. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/json.h"

enum { DEPTH = 8 };

/* One letter a token: { } [ ] k(ey) s(tring) n(umber) t f 0(null) and . for the end. */
static enum fr_status tokens_of(const char *text, size_t length, char out[256],
				struct fr_error *err)
{
	static const char letters[] = "{}[]ksntf0.";
	struct fr_json json;
	enum fr_json_kind kind = FR_JSON_NULL;
	size_t count = 0;

	fr_json_init(&json, text, length, DEPTH);
	do {
		enum fr_status status = fr_json_next(&json, &kind, err);

		if (status != FR_OK)
			return status;
		assert_true(count < 255);
		assert_true(json.start <= json.at && json.at <= length);
		out[count++] = letters[kind];
	} while (kind != FR_JSON_END);
	out[count] = '\0';
	return FR_OK;
}

static void tokens_must_be(const char *text, const char *expected)
{
	struct fr_error err = {FR_OK, ""};
	char tokens[256];

	if (tokens_of(text, strlen(text), tokens, &err) != FR_OK)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(tokens, expected);
}

static void must_be_refused(const char *text, size_t length, const char *because)
{
	struct fr_error err = {FR_OK, ""};
	char tokens[256];

	if (tokens_of(text, length, tokens, &err) == FR_OK)
		fail_msg("%s was taken", text);
	assert_int_equal(err.status, FR_INVALID);
	if (strstr(err.text, because) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, because);
}

static void values_of_every_kind_are_scanned(void **state)
{
	(void)state;
	tokens_must_be("{}", "{}.");
	tokens_must_be("[]", "[].");
	tokens_must_be(" \t\r\n[ ] ", "[].");
	tokens_must_be("{\"a\":1}", "{kn}.");
	tokens_must_be("{ \"a\" : [ 1 , true , false , null , \"x\" ] , \"b\" : { } }",
		       "{k[ntf0s]k{}}.");
	tokens_must_be("\"x\"", "s.");
	tokens_must_be("true", "t.");
	tokens_must_be("false", "f.");
	tokens_must_be("null", "0.");
	tokens_must_be("-0", "n.");
	tokens_must_be("[[[[[[[[]]]]]]]]", "[[[[[[[[]]]]]]]].");
}

static void numbers_follow_the_grammar(void **state)
{
	static const char *const good[] = {
		"0",        "-0",     "1",
		"-1",       "10",     "1234567890123456789012345678901234567890",
		"0.0",      "-0.5",   "1.25",
		"1e5",      "1E5",    "1e+5",
		"1e-5",     "1.5e10", "0e0",
		"1e999999",
	};
	static const char *const bad[] = {
		"+1",        "01",   "-01",   "00",  ".5",  "-.5",          "1.",
		"1.e5",      "1e",   "1e+",   "1e-", "-",   "--1",          "1.2.3",
		"1e5.5",     "0x10", "1_000", "1,5", "NaN", "nan",          "Infinity",
		"-Infinity", "inf",  "1a",    "1 2", "1f",  "\xef\xbc\x91",
	};
	struct fr_error err;
	char tokens[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof good / sizeof good[0]; i++)
		tokens_must_be(good[i], "n.");
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (tokens_of(bad[i], strlen(bad[i]), tokens, &err) != FR_INVALID)
			fail_msg("%s was taken", bad[i]);
}

struct wrong {
	const char *text;
	const char *because;
};

static void all_must_be_refused(const struct wrong *cases, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		must_be_refused(cases[i].text, strlen(cases[i].text), cases[i].because);
}

static void what_is_wrong_is_said_with_its_byte(void **state)
{
	static const struct wrong cases[] = {
		{"", "the text is empty"},
		{"  ", "byte 3: expected a value, found the end of the text"},
		{"{\"a\":1} x", "byte 9: expected nothing behind the value, found \"x\""},
		{"{}{}", "byte 3: expected nothing behind the value, found '{'"},
		{"{\"a\":NaN}", "byte 6: expected a value, found \"NaN\""},
		{"{\"a\":+1}", "byte 6: expected a value, found '+'"},
		{"{\"a\":01}", "byte 7: a number does not begin with 0"},
		{"{\"a\":-Infinity}", "byte 7: expected a digit, found \"Infinity\""},
		{"{\"a\":1.}", "byte 8: expected a digit, found '}'"},
		{"{\"a\" 1}", "byte 6: expected ':', found \"1\""},
		{"{\"a\":1 \"b\":2}", "byte 8: expected ',' or '}', found '\"'"},
		{"[1 2]", "byte 4: expected ',' or ']', found \"2\""},
		{"[1,]", "byte 4: expected a value, found ']'"},
		{"[,1]", "byte 2: expected a value, found ','"},
		{"{\"a\":1,}", "byte 8: expected a key in quotes, found '}'"},
		{"{a:1}", "byte 2: expected a key in quotes, found \"a\""},
		{"{'a':1}", "byte 2: expected a key in quotes, found '''"},
		{"{\"a\":}", "byte 6: expected a value, found '}'"},
		{"{1:1}", "byte 2: expected a key in quotes, found \"1\""},
		{"[1}", "byte 3: expected ',' or ']', found '}'"},
		{"{\"a\":1]", "byte 7: expected ',' or '}', found ']'"},
		{"[", "byte 2: expected a value, found the end of the text"},
		{"{", "byte 2: expected a key in quotes, found the end of the text"},
		{"{\"a\"", "byte 5: expected ':', found the end of the text"},
		{"{\"a\":1", "byte 7: expected ',' or '}', found the end of the text"},
		{"]", "byte 1: expected a value, found ']'"},
		{"tru", "byte 1: expected a value, found \"tru\""},
		{"truer", "byte 1: expected a value, found \"truer\""},
		{"nullnull", "byte 1: expected a value, found \"nullnull\""},
		{"True", "byte 1: expected a value, found \"True\""},
		{"\xef\xbb\xbf{}", "byte 1: expected a value, found byte 0xef"},
		{"// comment\n{}", "byte 1: expected a value, found '/'"},
		{"\x0b{}", "byte 1: expected a value, found byte 0x0b"},
	};

	(void)state;
	all_must_be_refused(cases, sizeof cases / sizeof cases[0]);
}

static void what_is_wrong_in_a_string_is_said_with_its_byte(void **state)
{
	static const struct wrong cases[] = {
		{"\"abc", "byte 5: the text ends inside a string"},
		{"\"abc\\", "byte 5: the text ends inside a string"},
		{"\"a\nb\"", "byte 3: a control character inside a string"},
		{"\"a\tb\"", "byte 3: a control character inside a string"},
		{"\"\\x41\"", "byte 2: no such escape in JSON"},
		{"\"\\'\"", "byte 2: no such escape in JSON"},
		{"\"\\u12\"", "byte 2: \\u needs four hex digits"},
		{"\"\\u12g4\"", "byte 2: \\u needs four hex digits"},
		{"\"\\ud83d\"", "byte 2: half of a surrogate pair"},
		{"\"\\ud83dx\"", "byte 2: half of a surrogate pair"},
		{"\"\\ude00\"", "byte 2: half of a surrogate pair"},
		{"\"\\ud83d\\ud83d\"", "byte 2: half of a surrogate pair"},
		{"\"\\ud83d\\n\"", "byte 2: half of a surrogate pair"},
		{"\"\\ud83d\\u00e9\"", "byte 2: half of a surrogate pair"},
		{"\"abcdefghij\xff\"", "byte 12: not valid UTF-8"},
		{"\"\xc0\x80\"", "byte 2: not valid UTF-8"},
		{"\"\xed\xa0\x80\"", "byte 2: not valid UTF-8"},
		{"\"\xf4\x90\x80\x80\"", "byte 2: not valid UTF-8"},
		{"{\"\xff\":1}", "byte 3: not valid UTF-8"},
	};

	(void)state;
	all_must_be_refused(cases, sizeof cases / sizeof cases[0]);
}

static void nul_bytes_are_named(void **state)
{
	(void)state;
	must_be_refused("{\"a\":1}\0", 8, "byte 8: expected nothing behind the value, found a NUL");
	must_be_refused("\0", 1, "byte 1: expected a value, found a NUL byte");
	must_be_refused("\"a\0b\"", 5, "byte 3: a NUL byte");
	must_be_refused("[1,\0]", 5, "byte 4: expected a value, found a NUL byte");
	must_be_refused("1\0", 2, "byte 2: expected nothing behind the value");
}

static void every_prefix_of_a_value_is_refused(void **state)
{
	static const char text[] =
		"{\"k\\u00e9\":[1,-2.5e3,\"s\\ud83d\\ude00\",true,null,{}],\"b\":{}}";
	struct fr_error err;
	char tokens[256];
	size_t length;

	(void)state;
	for (length = 0; length < sizeof text - 1; length++)
		assert_int_equal(tokens_of(text, length, tokens, &err), FR_INVALID);
	assert_int_equal(tokens_of(text, sizeof text - 1, tokens, &err), FR_OK);
}

static void ten_thousand_levels_are_refused_at_the_limit(void **state)
{
	struct fr_error err;
	char *text = malloc(10001);
	char tokens[256];

	(void)state;
	assert_non_null(text);
	memset(text, '[', 10000);
	assert_int_equal(tokens_of(text, 10000, tokens, &err), FR_TOO_LARGE);
	assert_string_equal(err.text, "byte 9: nested too deeply");
	free(text);
}

/* Feeds each byte at each place of a run, so that the eight-at-a-time way meets all of them. */
static void every_byte_is_judged_the_same_at_every_place(void **state)
{
	struct fr_error err;
	char tokens[256];
	int c, at;

	(void)state;
	for (c = 0; c < 256; c++) {
		bool is_plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';

		for (at = 1; at < 24; at++) {
			char text[26];

			memset(text, 'x', sizeof text);
			text[0] = '"';
			text[25] = '"';
			text[at] = (char)c;
			assert_int_equal(tokens_of(text, sizeof text, tokens, &err) == FR_OK,
					 is_plain);
		}
	}
}

static void a_value_is_skipped_whole(void **state)
{
	static const char text[] = "[{\"a\":[1,{\"b\":2}]},3]";
	enum fr_json_kind kind;
	struct fr_json json;

	(void)state;
	fr_json_init(&json, text, sizeof text - 1, DEPTH);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_int_equal(kind, FR_JSON_OBJECT_BEGIN);
	assert_int_equal(fr_json_skip(&json, kind, NULL), FR_OK);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_int_equal(kind, FR_JSON_NUMBER);
	assert_int_equal(fr_json_skip(&json, kind, NULL), FR_OK);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_int_equal(kind, FR_JSON_ARRAY_END);
	fr_json_init(&json, "[1", 2, DEPTH);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_int_equal(fr_json_skip(&json, kind, NULL), FR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_kind_are_scanned),
		cmocka_unit_test(numbers_follow_the_grammar),
		cmocka_unit_test(what_is_wrong_is_said_with_its_byte),
		cmocka_unit_test(what_is_wrong_in_a_string_is_said_with_its_byte),
		cmocka_unit_test(nul_bytes_are_named),
		cmocka_unit_test(every_prefix_of_a_value_is_refused),
		cmocka_unit_test(ten_thousand_levels_are_refused_at_the_limit),
		cmocka_unit_test(every_byte_is_judged_the_same_at_every_place),
		cmocka_unit_test(a_value_is_skipped_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

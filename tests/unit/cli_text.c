/* What people read: escaped, laid out, counted. And what programs read back. */
#include "support/test.h"

#include <string.h>

#include "cli/json_out.h"
#include "cli/json_read.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/pretty.h"

static void expect_visible(const char *text, size_t length, const char *wanted)
{
	struct fr_buffer out;

	fr_buffer_init(&out, 4096);
	cli_add_visible(&out, text, length, false);
	assert_string_equal(fr_buffer_text(&out), wanted);
	fr_buffer_fini(&out);
}

static void nothing_that_moves_a_terminal_gets_through(void **state)
{
	(void)state;
	expect_visible("plain \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 15,
		       "plain \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	expect_visible("\x1b[31m\r\n\t\x07\x7f", 10, "\\x1b[31m\\x0d\\n\\t\\x07\\x7f");
	expect_visible("\0x", 2, "\\x00x");
	expect_visible("\xc2\x9b", 2, "\\u{9b}");             /* a one-byte CSI */
	expect_visible("\xe2\x80\xae", 3, "\\u{202e}");       /* right to left from here */
	expect_visible("\xe2\x81\xa6", 3, "\\u{2066}");       /* an isolate */
	expect_visible("\xe2\x80\x8b", 3, "\\u{200b}");       /* no width at all */
	expect_visible("\xf3\xa0\x81\x81", 4, "\\u{e0041}");  /* an invisible letter */
	expect_visible("a\xff\xc3(", 4, "a\\xff\\xc3(");      /* no UTF-8 */
	expect_visible("\xed\xa0\x80", 3, "\\xed\\xa0\\x80"); /* a lone surrogate */
}

static void columns_are_characters(void **state)
{
	(void)state;
	assert_int_equal(cli_columns("a\xc3\xa4\xe2\x82\xac", 6), 3);
	assert_int_equal(cli_fit("a\xc3\xa4\xe2\x82\xac", 6, 2), 3);
	assert_int_equal(cli_fit("abc", 3, 9), 3);
	assert_int_equal(cli_fit("abc", 3, 0), 0);
}

static void numbers_are_written_for_reading(void **state)
{
	char text[CLI_NUMBER_TEXT];

	(void)state;
	assert_string_equal(cli_count(text, 0), "0");
	assert_string_equal(cli_count(text, 999), "999");
	assert_string_equal(cli_count(text, 1000), "1,000");
	assert_string_equal(cli_count(text, -1234567), "-1,234,567");
	assert_string_equal(cli_count(text, INT64_MIN), "-9,223,372,036,854,775,808");
	assert_string_equal(cli_bytes(text, 1023), "1023 B");
	assert_string_equal(cli_bytes(text, 1024), "1.0 KiB");
	assert_string_equal(cli_bytes(text, 1024 * 1024 - 1), "1.0 MiB");
	assert_string_equal(cli_bytes(text, INT64_MAX), "8.0 EiB");
	assert_string_equal(cli_duration(text, 0), "0 ms");
	assert_string_equal(cli_duration(text, 59999), "59 s");
	assert_string_equal(cli_duration(text, 3600 * 1000), "1 h 0 min");
	assert_string_equal(cli_duration(text, INT64_C(100) * 3600 * 1000), "4 d 4 h");
}

static void expect_pretty(const char *json, const char *wanted)
{
	struct fr_buffer out;

	fr_buffer_init(&out, 4096);
	cli_add_pretty(&out, json, strlen(json), 1);
	assert_string_equal(fr_buffer_text(&out), wanted);
	fr_buffer_fini(&out);
}

static void json_is_laid_out_a_member_a_line(void **state)
{
	(void)state;
	expect_pretty("{}", "{}");
	expect_pretty("{\"a\":1}", "{\n   \"a\": 1\n }");
	expect_pretty(
		"[1,[],{\"k\":[true,null]},\"s\"]",
		"[\n   1,\n   [],\n   {\n     \"k\": [\n       true,\n       null\n     ]\n   },"
		"\n   \"s\"\n ]");
	expect_pretty("7", "7");
	expect_pretty("{\"a\":\"\x7f\"}", "{\n   \"a\": \"\\x7f\"\n }");
	expect_pretty("{broken\x1b", "{broken\\x1b"); /* as it is, but safe */
}

static void json_is_written_with_its_commas(void **state)
{
	struct cli_json json;

	(void)state;
	cli_json_init(&json);
	cli_json_object(&json, NULL);
	cli_json_string(&json, "s", "\"{[\xff");
	cli_json_array(&json, "a");
	cli_json_int(&json, NULL, -1);
	cli_json_bool(&json, NULL, true);
	cli_json_object(&json, NULL);
	cli_json_object_end(&json);
	cli_json_null(&json, NULL);
	cli_json_array_end(&json);
	cli_json_time(&json, "t", 1);
	cli_json_time(&json, "never", 0);
	cli_json_string(&json, "none", NULL);
	cli_json_raw(&json, "raw", "[", 1);
	cli_json_array_end(&json);
	cli_json_object_end(&json);
	assert_string_equal(fr_buffer_text(&json.text),
			    "{\"s\":\"\\\"{[\xef\xbf\xbd\",\"a\":[-1,true,{},null],"
			    "\"t\":\"1970-01-01T00:00:00.000001Z\",\"never\":null,\"none\":null,"
			    "\"raw\":[]}");
	cli_json_fini(&json);
}

static struct cli_value value_of(const char *text)
{
	return (struct cli_value){text, strlen(text)};
}

static void members_are_read_out_of_what_an_agent_says(void **state)
{
	struct cli_value answer =
		value_of("{\"a\":{\"b\":[1,\"two\\u0041\",{\"c\":true}]},\"n\":42,\"x\":1.5}");
	struct cli_value list = cli_value_member(cli_value_member(answer, "a"), "b");
	char text[8];

	(void)state;
	assert_int_equal(cli_value_int(cli_value_member(answer, "n"), -1), 42);
	assert_int_equal(cli_value_int(cli_value_member(answer, "x"), -1), -1);
	assert_int_equal(cli_value_int(cli_value_element(list, 0), -1), 1);
	assert_true(cli_value_string(cli_value_element(list, 1), text, sizeof text));
	assert_string_equal(text, "twoA");
	assert_true(cli_value_string(cli_value_element(list, 1), text, 3));
	assert_string_equal(text, "tw");
	assert_true(cli_value_is_true(cli_value_member(cli_value_element(list, 2), "c")));
	assert_null(cli_value_element(list, 3).text);
	assert_null(cli_value_member(answer, "b").text);
	assert_null(cli_value_member(list, "a").text);
	assert_false(cli_value_string(cli_value_member(answer, "n"), text, sizeof text));
}

static void what_does_not_parse_reads_as_nothing(void **state)
{
	static const char *const wrong[] = {
		"", "{", "{\"a\"", "{\"a\":", "{\"a\":}", "[", "nul", "{\"b\":1,}"};
	char text[8];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_null(cli_value_member(value_of(wrong[i]), "a").text);
		assert_null(cli_value_element(value_of(wrong[i]), 0).text);
	}
	assert_int_equal(cli_value_int((struct cli_value){0}, 7), 7);
	assert_false(cli_value_is_true((struct cli_value){0}));
	assert_false(cli_value_string((struct cli_value){0}, text, sizeof text));
}

/* ---- options ---- */

static const struct cli_option table[] = {
	{"name", 'n', "TEXT", ""},
	{"all", 'a', NULL, ""},
	{"quiet", 'q', NULL, ""},
	{0},
};

/* Parses these words; *operands is how many were none. */
static enum fr_status parse(struct cli_arguments *arguments, const char **operands,
			    const char *const *argv, struct fr_error *err)
{
	int argc = 0;
	enum fr_status status;

	while (argv[argc] != NULL)
		argc++;
	cli_arguments_init(arguments, argc, argv, operands);
	cli_arguments_know(arguments, table);
	do
		status = cli_arguments_next(arguments, err);
	while (status == FR_OK);
	return status == FR_NONE ? FR_OK : status;
}

#define ARGV(...) ((const char *const[]){"program", __VA_ARGS__, NULL})

static void options_come_in_all_their_forms(void **state)
{
	struct cli_arguments arguments;
	const char *operands[8];
	struct fr_error err = {0};

	(void)state;
	assert_int_equal(
		parse(&arguments, operands, ARGV("one", "--name=x=y", "-", "-qa", "two"), &err),
		FR_OK);
	assert_int_equal(arguments.operand_count, 3);
	assert_string_equal(operands[1], "-");
	assert_string_equal(cli_arguments_value(&arguments, "name"), "x=y");
	assert_non_null(cli_arguments_value(&arguments, "all"));
	assert_non_null(cli_arguments_value(&arguments, "quiet"));
	assert_int_equal(parse(&arguments, operands, ARGV("-nvalue", "--", "--all"), &err), FR_OK);
	assert_string_equal(cli_arguments_value(&arguments, "name"), "value");
	assert_null(cli_arguments_value(&arguments, "all"));
	assert_string_equal(operands[0], "--all");
	assert_int_equal(parse(&arguments, operands, ARGV("-an", "-x", "--name", "last"), &err),
			 FR_OK);
	assert_string_equal(cli_arguments_value(&arguments, "name"), "last");
}

static void options_that_are_none_are_named(void **state)
{
	struct cli_arguments arguments;
	const char *operands[8];
	struct fr_error err = {0};

	(void)state;
	assert_int_equal(parse(&arguments, operands, ARGV("--nam"), &err), FR_INVALID);
	assert_string_equal(err.text, "unknown option --nam");
	assert_int_equal(parse(&arguments, operands, ARGV("--names=x"), &err), FR_INVALID);
	assert_string_equal(err.text, "unknown option --names");
	assert_int_equal(parse(&arguments, operands, ARGV("-ax"), &err), FR_INVALID);
	assert_string_equal(err.text, "unknown option -x");
	assert_int_equal(parse(&arguments, operands, ARGV("--all=1"), &err), FR_INVALID);
	assert_int_equal(parse(&arguments, operands, ARGV("-n"), &err), FR_INVALID);
	assert_string_equal(err.text, "--name wants a value: --name TEXT");
}

static void values_have_their_bounds(void **state)
{
	struct fr_error err = {0};
	int64_t value = 0;

	(void)state;
	assert_int_equal(cli_parse_count("n", "50", 50, &value, &err), FR_OK);
	assert_int_equal(value, 50);
	assert_int_equal(cli_parse_count("n", "51", 50, &value, &err), FR_INVALID);
	assert_string_equal(err.text, "--n \"51\": a whole number from 0 to 50");
	assert_int_equal(cli_parse_count("n", "", 50, &value, &err), FR_INVALID);
	assert_int_equal(cli_parse_count("n", "-1", 50, &value, &err), FR_INVALID);
	assert_int_equal(cli_parse_count("n", "1x", 50, &value, &err), FR_INVALID);
	assert_int_equal(cli_parse_count("n", "99999999999999999999999", 50, &value, &err),
			 FR_INVALID);
	assert_int_equal(cli_parse_duration("t", "1500ms", &value, &err), FR_OK);
	assert_int_equal(value, 1500);
	assert_int_equal(cli_parse_duration("t", "15", &value, &err), FR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_that_moves_a_terminal_gets_through),
		cmocka_unit_test(columns_are_characters),
		cmocka_unit_test(numbers_are_written_for_reading),
		cmocka_unit_test(json_is_laid_out_a_member_a_line),
		cmocka_unit_test(json_is_written_with_its_commas),
		cmocka_unit_test(members_are_read_out_of_what_an_agent_says),
		cmocka_unit_test(what_does_not_parse_reads_as_nothing),
		cmocka_unit_test(options_come_in_all_their_forms),
		cmocka_unit_test(options_that_are_none_are_named),
		cmocka_unit_test(values_have_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

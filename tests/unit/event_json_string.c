/* Strings in JSON: decoded, written canonically, and always valid when they come out. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "event/json.h"

/* Scans one string token into its canonical form and its decoded bytes. */
static void scan_must_give(const char *text, const char *canonical, const char *decoded,
			   size_t decoded_length)
{
	struct fr_buffer out, scratch;
	enum fr_json_kind kind;
	struct fr_json json;
	const char *borrowed;
	size_t length;

	fr_buffer_init(&out, 10000);
	fr_buffer_init(&scratch, 10000);
	fr_json_init(&json, text, strlen(text), 1);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_int_equal(kind, FR_JSON_STRING);
	fr_json_add_token(&json, &out);
	assert_string_equal(fr_buffer_text(&out), canonical);
	fr_buffer_clear(&out);
	assert_int_equal(fr_json_decode(&json, &out), FR_OK);
	assert_int_equal(out.length, decoded_length);
	assert_memory_equal(out.data, decoded, decoded_length);
	borrowed = fr_json_borrow(&json, &scratch, &length);
	assert_int_equal(length, decoded_length);
	assert_memory_equal(borrowed, decoded, decoded_length);
	fr_buffer_clear(&out);
	fr_json_add_string(&out, decoded, decoded_length);
	assert_string_equal(fr_buffer_text(&out), canonical);
	fr_buffer_fini(&scratch);
	fr_buffer_fini(&out);
}

static void escapes_are_decoded_and_written_in_their_shortest_form(void **state)
{
	(void)state;
	scan_must_give("\"\"", "\"\"", "", 0);
	scan_must_give("\"plain\"", "\"plain\"", "plain", 5);
	scan_must_give("\"a\\\"b\\\\c\\/d\"", "\"a\\\"b\\\\c/d\"", "a\"b\\c/d", 7);
	scan_must_give("\"\\b\\f\\n\\r\\t\"", "\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t", 5);
	scan_must_give("\"\\u0008\\u000c\\u000A\\u000d\\u0009\"", "\"\\b\\f\\n\\r\\t\"",
		       "\b\f\n\r\t", 5);
	scan_must_give("\"\\u0000\\u001F\\u007f\"", "\"\\u0000\\u001f\x7f\"", "\0\x1f\x7f", 3);
	scan_must_give("\"\\u0041\\u0022\\u005c\\u002f\"", "\"A\\\"\\\\/\"", "A\"\\/", 4);
	scan_must_give("\"\\u00e9\\u20AC\\ud83d\\uDE00\"",
		       "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
		       "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9);
	scan_must_give("\"\\u07ff\\u0800\\uffff\\ud800\\udc00\\udbff\\udfff\"",
		       "\"\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
		       "\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 16);
	scan_must_give("\"\xc3\xa9 and text behind it\"", "\"\xc3\xa9 and text behind it\"",
		       "\xc3\xa9 and text behind it", 21);
}

static void what_is_not_utf8_is_written_as_replacement_characters(void **state)
{
	struct fr_buffer out;

	(void)state;
	fr_buffer_init(&out, 1000);
	fr_json_add_string(&out, "a\xff\xc3(\xed\xa0\x80z", 8);
	assert_string_equal(fr_buffer_text(&out),
			    "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
	assert_true(fr_utf8_is_valid(out.data, out.length));
	fr_buffer_fini(&out);
}

static void every_byte_is_written_so_that_it_reads_back(void **state)
{
	struct fr_buffer out, back;
	enum fr_json_kind kind;
	struct fr_json json;
	int c, at;

	(void)state;
	fr_buffer_init(&out, 1000);
	fr_buffer_init(&back, 1000);
	for (c = 0; c < 128; c++) {
		for (at = 0; at < 20; at++) {
			char text[20];

			memset(text, 'x', sizeof text);
			text[at] = (char)c;
			fr_buffer_clear(&out);
			fr_buffer_clear(&back);
			fr_json_add_string(&out, text, sizeof text);
			fr_json_init(&json, out.data, out.length, 1);
			assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
			assert_int_equal(fr_json_decode(&json, &back), FR_OK);
			assert_int_equal(back.length, sizeof text);
			assert_memory_equal(back.data, text, sizeof text);
		}
	}
	fr_buffer_fini(&back);
	fr_buffer_fini(&out);
}

static void a_plain_string_is_borrowed_from_the_text(void **state)
{
	static const char text[] = "\"plain\"";
	struct fr_buffer scratch = {0};
	enum fr_json_kind kind;
	struct fr_json json;
	size_t length;

	(void)state;
	fr_json_init(&json, text, sizeof text - 1, 1);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_ptr_equal(fr_json_borrow(&json, &scratch, &length), text + 1);
	assert_int_equal(length, 5);
}

static void a_scratch_that_cannot_grow_borrows_nothing(void **state)
{
	struct fr_buffer scratch;
	enum fr_json_kind kind;
	struct fr_json json;
	size_t length;

	(void)state;
	fr_buffer_init(&scratch, 2);
	fr_json_init(&json, "\"\\nabc\"", 7, 1);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_null(fr_json_borrow(&json, &scratch, &length));
	fr_buffer_fini(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_are_decoded_and_written_in_their_shortest_form),
		cmocka_unit_test(what_is_not_utf8_is_written_as_replacement_characters),
		cmocka_unit_test(every_byte_is_written_so_that_it_reads_back),
		cmocka_unit_test(a_plain_string_is_borrowed_from_the_text),
		cmocka_unit_test(a_scratch_that_cannot_grow_borrows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

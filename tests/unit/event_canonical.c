/* One value in its canonical form: white space gone, keys judged at any depth, in bounded time. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/canonical.h"

enum { DEPTH = 8, OUT_BYTES = 1 << 20 };

static enum fr_status canonical_of(const char *text, size_t length, struct fr_buffer *out,
				   unsigned *removed, struct fr_error *err)
{
	struct fr_canonical canonical = {.out = out};
	enum fr_json_kind kind;
	struct fr_keys keys;
	struct fr_json json;
	enum fr_status status;

	fr_json_init(&json, text, length, DEPTH);
	fr_keys_init(&keys, &json);
	canonical.json = &json;
	canonical.keys = &keys;
	status = fr_json_next(&json, &kind, err);
	if (status == FR_OK)
		status = fr_canonical_value(&canonical, kind, err);
	if (status == FR_OK && (out == NULL || out->status == FR_OK))
		status = fr_json_next(&json, &kind, err);
	fr_keys_fini(&keys);
	*removed = canonical.removed;
	return status;
}

static void canonical_must_be(const char *text, const char *expected, unsigned expected_removed)
{
	struct fr_error err = {FR_OK, ""};
	struct fr_buffer out;
	unsigned removed;

	fr_buffer_init(&out, OUT_BYTES);
	if (canonical_of(text, strlen(text), &out, &removed, &err) != FR_OK)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(fr_buffer_text(&out), expected);
	assert_int_equal(removed, expected_removed);
	fr_buffer_fini(&out);
}

static void must_be_invalid(const char *text, const char *because)
{
	struct fr_error err = {FR_OK, ""};
	struct fr_buffer out;
	unsigned removed;

	fr_buffer_init(&out, OUT_BYTES);
	assert_int_equal(canonical_of(text, strlen(text), &out, &removed, &err), FR_INVALID);
	if (strstr(err.text, because) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, because);
	fr_buffer_fini(&out);
}

static void white_space_goes_and_order_stays(void **state)
{
	(void)state;
	canonical_must_be(" { \"b\" : [ 1 , 2 , { } , [ ] ] ,\n\t\"a\" : { \"x\" : null } } ",
			  "{\"b\":[1,2,{},[]],\"a\":{\"x\":null}}", 0);
	canonical_must_be("[[],[[]],[{},{}]]", "[[],[[]],[{},{}]]", 0);
	canonical_must_be(" true ", "true", 0);
	canonical_must_be("\"\\u0041\\/\"", "\"A/\"", 0);
	canonical_must_be("[\"{\",\"[\",\":\",\",\"]", "[\"{\",\"[\",\":\",\",\"]", 0);
}

static void numbers_keep_every_digit(void **state)
{
	(void)state;
	canonical_must_be("[9007199254740993,18446744073709551615,-9223372036854775808]",
			  "[9007199254740993,18446744073709551615,-9223372036854775808]", 0);
	canonical_must_be("[1.10,1e5,1E+05,-0,-0.0,0.1000000000000000055511151231257827]",
			  "[1.10,1e5,1E+05,-0,-0.0,0.1000000000000000055511151231257827]", 0);
}

static void members_with_other_keys_go_with_their_values(void **state)
{
	(void)state;
	canonical_must_be("{\"a b\":1}", "{}", 1);
	canonical_must_be("{\"a b\":1,\"c\":2}", "{\"c\":2}", 1);
	canonical_must_be("{\"c\":2,\"a b\":1}", "{\"c\":2}", 1);
	canonical_must_be("{\"c\":2,\"a b\":{\"x\":[1,{\"y z\":2}]},\"d\":3}", "{\"c\":2,\"d\":3}",
			  1);
	canonical_must_be("{\"\":1,\"9\":2,\"\\u00e9\":3,\"ok\":{\"$\":4,\"in\":[{\"\\n\":5}]}}",
			  "{\"ok\":{\"in\":[{}]}}", 5);
	canonical_must_be("[{\"a b\":[]},{\"a b\":{}},1]", "[{},{},1]", 2);
	canonical_must_be("{\"\\u0061\":1}", "{\"a\":1}", 0);
	canonical_must_be("{\"a\\u0000\":1}", "{}", 1);
}

static void a_key_that_stands_twice_is_invalid_at_any_depth(void **state)
{
	(void)state;
	must_be_invalid("{\"a\":1,\"a\":1}", "key \"a\" stands twice");
	must_be_invalid("{\"a\":1,\"b\":2,\"\\u0061\":1}", "key \"a\" stands twice");
	must_be_invalid("{\"\\u0061\":1,\"\\u0061\":1}", "key \"a\" stands twice");
	must_be_invalid("[{\"x\":{\"a\":1,\"a\":1}}]", "key \"a\" stands twice");
	must_be_invalid("{\"a\":1,\"x\":{\"y\":[{\"z\":{}}]},\"a\":1}", "key \"a\" stands twice");
	must_be_invalid("{\"a b\":1,\"a b\":1}", "key \"a b\" stands twice");
	must_be_invalid("{\"a b\":{\"c\":1,\"c\":2}}", "key \"c\" stands twice");
	must_be_invalid("{\"\":1,\"\":1}", "key \"\" stands twice");
	canonical_must_be("[{\"a\":1},{\"a\":1},{\"b\":{\"a\":{\"a\":1}},\"a\":2}]",
			  "[{\"a\":1},{\"a\":1},{\"b\":{\"a\":{\"a\":1}},\"a\":2}]", 0);
	canonical_must_be("{\"a\":1,\"A\":2,\"aa\":3,\"a.\":4}",
			  "{\"a\":1,\"A\":2,\"aa\":3,\"a.\":4}", 0);
}

/* {"k0":0,"k1":0,...,"k<twin>":0}: with the last one standing twice where it is among the others.
 */
static char *object_of(size_t keys, size_t twin, size_t *length)
{
	struct fr_buffer text;
	size_t i;

	fr_buffer_init(&text, SIZE_MAX);
	for (i = 0; i < keys; i++)
		fr_buffer_add_format(&text, "%s\"k%zu\":0", i == 0 ? "{" : ",", i);
	fr_buffer_add_format(&text, ",\"k%zu\":0}", twin);
	return fr_buffer_take(&text, length);
}

static enum fr_status judge_object_of(size_t keys, size_t twin)
{
	struct fr_error err;
	size_t length;
	char *text = object_of(keys, twin, &length);
	enum fr_status status;
	unsigned removed;

	assert_non_null(text);
	status = canonical_of(text, length, NULL, &removed, &err);
	free(text);
	return status;
}

static void a_twin_is_found_among_any_number_of_keys(void **state)
{
	size_t keys;

	(void)state;
	for (keys = 1; keys < 80; keys++) {
		size_t twin;

		for (twin = 0; twin < keys; twin++)
			assert_int_equal(judge_object_of(keys, twin), FR_INVALID);
		assert_int_equal(judge_object_of(keys, keys), FR_OK);
	}
}

/* Comparing each with each would take minutes here: the test's time limit is the assertion. */
static void hundreds_of_thousands_of_keys_are_judged_in_bounded_time(void **state)
{
	enum { KEYS = 300000 };

	(void)state;
	assert_int_equal(judge_object_of(KEYS, KEYS), FR_OK);
	assert_int_equal(judge_object_of(KEYS, 0), FR_INVALID);
	assert_int_equal(judge_object_of(KEYS, KEYS - 1), FR_INVALID);
}

static void many_small_objects_do_not_pile_up(void **state)
{
	enum { OBJECTS = 100000 };
	struct fr_buffer text, out;
	struct fr_error err;
	unsigned removed;
	size_t i;

	(void)state;
	fr_buffer_init(&text, SIZE_MAX);
	fr_buffer_init(&out, SIZE_MAX);
	for (i = 0; i < OBJECTS; i++)
		fr_buffer_add_text(&text, i == 0 ? "[{\"a\":{\"b\":1}}" : ",{\"a\":{\"b\":1}}");
	fr_buffer_add_char(&text, ']');
	assert_int_equal(canonical_of(text.data, text.length, &out, &removed, &err), FR_OK);
	assert_int_equal(out.length, text.length);
	fr_buffer_fini(&out);
	fr_buffer_fini(&text);
}

static void a_full_buffer_ends_the_scan_and_sticks(void **state)
{
	static const char text[] = "[1,2,3,4,5,\"and here the text is invalid: \x01\"]";
	struct fr_error err;
	struct fr_buffer out;
	unsigned removed;

	(void)state;
	fr_buffer_init(&out, 4);
	assert_int_equal(canonical_of(text, sizeof text - 1, &out, &removed, &err), FR_OK);
	assert_int_equal(out.status, FR_TOO_LARGE);
	fr_buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space_goes_and_order_stays),
		cmocka_unit_test(numbers_keep_every_digit),
		cmocka_unit_test(members_with_other_keys_go_with_their_values),
		cmocka_unit_test(a_key_that_stands_twice_is_invalid_at_any_depth),
		cmocka_unit_test(a_twin_is_found_among_any_number_of_keys),
		cmocka_unit_test(hundreds_of_thousands_of_keys_are_judged_in_bounded_time),
		cmocka_unit_test(many_small_objects_do_not_pile_up),
		cmocka_unit_test(a_full_buffer_ends_the_scan_and_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The typed builder: values as JSON, keys judged, limits exact, and the first error that sticks. */
#include "support/test.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/draft.h"

static void properties_must_be(const struct fr_draft *draft, const char *expected)
{
	if (draft->error.status != FR_OK)
		fail_msg("%s", draft->error.text);
	assert_string_equal(fr_buffer_text(&draft->properties), expected);
}

static void must_have_failed(const struct fr_draft *draft, enum fr_status status,
			     const char *because)
{
	assert_int_equal(draft->error.status, status);
	if (strstr(draft->error.text, because) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", draft->error.text, because);
}

static void a_new_draft_is_an_info_event_without_properties(void **state)
{
	struct fr_draft draft;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(&draft, "tool_use_error");
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	assert_string_equal(draft.name, "tool_use_error");
	assert_int_equal(draft.severity, FR_INFO);
	assert_false(draft.has_severity);
	assert_int_equal(draft.time_us, 0);
	assert_string_equal(draft.traceparent, "");
	properties_must_be(&draft, "");
	fr_draft_fini(&draft);
}

static void values_of_every_type_become_json(void **state)
{
	struct fr_draft draft;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_string(&draft, "text", "a\"b\n\xc3\xa9", 6);
	fr_draft_set_string(&draft, "bytes", "a\0b", 3);
	fr_draft_set_int64(&draft, "least", INT64_MIN);
	fr_draft_set_uint64(&draft, "most", UINT64_MAX);
	fr_draft_set_bool(&draft, "yes", true);
	fr_draft_set_bool(&draft, "no", false);
	fr_draft_set_json(&draft, "json", " { \"x\" : [ 1 ] } ", 17);
	properties_must_be(&draft, "\"text\":\"a\\\"b\\n\xc3\xa9\",\"bytes\":\"a\\u0000b\","
				   "\"least\":-9223372036854775808,\"most\":18446744073709551615,"
				   "\"yes\":true,\"no\":false,\"json\":{\"x\":[1]}");
	fr_draft_fini(&draft);
}

static void a_double_has_the_fewest_digits_that_read_back(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{0.0, "\"d\":0"},
		{-0.0, "\"d\":-0"},
		{0.1, "\"d\":0.1"},
		{1.0, "\"d\":1"},
		{-2.5, "\"d\":-2.5"},
		{1e300, "\"d\":1e+300"},
		{5e-324, "\"d\":4.94065645841247e-324"},
		{1.0 / 3, "\"d\":0.3333333333333333"},
		{123456789.125, "\"d\":123456789.125"},
		{1.7976931348623157e308, "\"d\":1.7976931348623157e+308"},
		{9007199254740993.0, "\"d\":9007199254740992"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fr_draft draft;

		fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
		fr_draft_set_double(&draft, "d", cases[i].value);
		properties_must_be(&draft, cases[i].text);
		assert_true(strtod(fr_buffer_text(&draft.properties) + 4, NULL) == cases[i].value);
		fr_draft_fini(&draft);
	}
}

/* Needs a locale with a decimal comma; where none is installed the plain one must do. */
static void the_hosts_locale_does_not_change_numbers(void **state)
{
	static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8", "C"};
	struct fr_draft draft;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof locales / sizeof locales[0]; i++) {
		if (setlocale(LC_ALL, locales[i]) == NULL)
			continue;
		fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
		fr_draft_set_double(&draft, "d", 1234567.5);
		fr_draft_set_double(&draft, "e", 1.5e-9);
		properties_must_be(&draft, "\"d\":1234567.5,\"e\":1.5e-09");
		fr_draft_fini(&draft);
	}
	assert_non_null(setlocale(LC_ALL, "C"));
}

static void what_json_cannot_say_is_refused(void **state)
{
	static const double wrong[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct fr_draft draft;

		fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
		fr_draft_set_double(&draft, "ratio", wrong[i]);
		must_have_failed(&draft, FR_INVALID, "property \"ratio\": JSON has no NaN");
		fr_draft_fini(&draft);
	}
}

static void set_and_fail(void (*set)(struct fr_draft *), const char *because)
{
	struct fr_draft draft;
	struct fr_error err;

	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(&draft, "x");
	set(&draft);
	must_have_failed(&draft, FR_INVALID, because);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, &err), FR_INVALID);
	assert_string_equal(err.text, draft.error.text);
	fr_draft_fini(&draft);
}

static void set_null_text(struct fr_draft *draft)
{
	fr_draft_set_string(draft, "a", NULL, 0);
}

static void set_null_key(struct fr_draft *draft)
{
	fr_draft_set_bool(draft, NULL, true);
}

static void set_null_json(struct fr_draft *draft)
{
	fr_draft_set_json(draft, "a", NULL, 0);
}

static void set_null_name(struct fr_draft *draft)
{
	fr_draft_set_name(draft, NULL);
}

static void set_bad_name(struct fr_draft *draft)
{
	fr_draft_set_name(draft, "9lives");
}

static void set_null_traceparent(struct fr_draft *draft)
{
	fr_draft_set_traceparent(draft, NULL);
}

static void set_bad_utf8(struct fr_draft *draft)
{
	fr_draft_set_string(draft, "a", "\xff", 1);
}

static void set_twice(struct fr_draft *draft)
{
	fr_draft_set_bool(draft, "a", true);
	fr_draft_set_int64(draft, "a", 1);
}

static void set_bad_json(struct fr_draft *draft)
{
	fr_draft_set_json(draft, "a", "[1,]", 4);
}

static void set_json_and_more(struct fr_draft *draft)
{
	fr_draft_set_json(draft, "a", "1 2", 3);
}

static void set_empty_json(struct fr_draft *draft)
{
	fr_draft_set_json(draft, "a", "", 0);
}

static void set_bad_severity(struct fr_draft *draft)
{
	fr_draft_set_severity(draft, (enum fr_severity)7);
}

static void set_bad_severity_text(struct fr_draft *draft)
{
	fr_draft_set_string(draft, "severity", "loud", 4);
}

static void set_severity_number(struct fr_draft *draft)
{
	fr_draft_set_int64(draft, "severity", 3);
}

static void set_name_property(struct fr_draft *draft)
{
	fr_draft_set_string(draft, "eventName", "y", 1);
}

static void set_early_time(struct fr_draft *draft)
{
	fr_draft_set_time(draft, -1);
}

static void set_late_time(struct fr_draft *draft)
{
	fr_draft_set_time(draft, INT64_MAX);
}

static void every_misuse_has_a_message_of_its_own(void **state)
{
	(void)state;
	set_and_fail(set_null_text, "property \"a\" has no text");
	set_and_fail(set_null_key, "without a key");
	set_and_fail(set_null_json, "property \"a\" has no JSON");
	set_and_fail(set_null_name, "eventName must be a string");
	set_and_fail(set_bad_name, "eventName \"9lives\" is not 1 to 128 characters");
	set_and_fail(set_null_traceparent, "traceparent must be a string");
	set_and_fail(set_bad_utf8, "property \"a\" is not valid UTF-8");
	set_and_fail(set_twice, "property \"a\" stands twice");
	set_and_fail(set_bad_json, "property \"a\": byte 4: expected a value, found ']'");
	set_and_fail(set_json_and_more, "property \"a\": byte 3: expected nothing behind");
	set_and_fail(set_empty_json, "property \"a\": the text is empty");
	set_and_fail(set_bad_severity, "severity 7");
	set_and_fail(set_bad_severity_text, "severity \"loud\" is not one of trace");
	set_and_fail(set_severity_number, "severity is reserved");
	set_and_fail(set_name_property, "eventName is reserved");
	set_and_fail(set_early_time, "time -1");
	set_and_fail(set_late_time, "is not microseconds since 1970");
}

static void the_first_error_sticks(void **state)
{
	struct fr_draft draft;
	struct fr_error err;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_string(&draft, "first", NULL, 0);
	set_null_key(&draft);
	set_bad_name(&draft);
	set_bad_json(&draft);
	set_bad_severity(&draft);
	set_early_time(&draft);
	set_null_traceparent(&draft);
	fr_draft_set_double(&draft, "d", (double)NAN);
	fr_draft_add_object(&draft, "{", 1);
	fr_draft_parse(&draft, "{", 1, NULL);
	assert_int_equal(fr_draft_finish(&draft, "\"a\":1", 5, &err), FR_INVALID);
	assert_non_null(strstr(err.text, "\"first\""));
	fr_draft_fini(&draft);
}

static void a_property_with_another_key_is_removed_and_counted(void **state)
{
	struct fr_draft draft;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(&draft, "x");
	fr_draft_set_bool(&draft, "", true);
	fr_draft_set_string(&draft, "with space", "x", 1);
	fr_draft_set_double(&draft, "$", (double)NAN);
	fr_draft_set_json(&draft, "9", "{}", 2);
	fr_draft_set_json(&draft, "kept", "{\"a b\":1}", 9);
	assert_int_equal(draft.removed, 5);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	properties_must_be(&draft, "\"kept\":{}");
	fr_draft_fini(&draft);
}

static void reserved_keys_are_taken_from_text(void **state)
{
	static const char parent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	struct fr_draft draft;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_string(&draft, "severity", "warn", 4);
	fr_draft_set_string(&draft, "eventTime", "2026-11-22T08:35:00Z", 20);
	fr_draft_set_string(&draft, "traceparent", parent, sizeof parent - 1);
	properties_must_be(&draft, "");
	assert_int_equal(draft.severity, FR_WARN);
	assert_true(draft.has_severity);
	assert_int_equal(draft.time_us, INT64_C(1795336500000000));
	assert_string_equal(draft.traceparent, parent);
	fr_draft_set_severity(&draft, FR_FATAL);
	fr_draft_set_time(&draft, 17);
	assert_int_equal(draft.severity, FR_FATAL);
	assert_int_equal(draft.time_us, 17);
	fr_draft_fini(&draft);
}

static void a_draft_without_a_name_does_not_finish(void **state)
{
	struct fr_draft draft;
	struct fr_error err;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_bool(&draft, "a", true);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, &err), FR_INVALID);
	assert_string_equal(err.text, "eventName is missing");
	fr_draft_fini(&draft);
}

static void there_is_room_for_128_properties(void **state)
{
	struct fr_draft draft;
	char key[16];
	int i;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	for (i = 0; i < FR_PROPERTIES_MAX; i++) {
		(void)snprintf(key, sizeof key, "k%d", i);
		fr_draft_set_int64(&draft, key, i);
	}
	assert_int_equal(draft.error.status, FR_OK);
	fr_draft_set_int64(&draft, "one_too_many", 1);
	must_have_failed(&draft, FR_TOO_LARGE, "more than 128 properties");
	fr_draft_fini(&draft);
}

static void the_ceiling_is_exact(void **state)
{
	struct fr_draft draft;
	char text[64];

	(void)state;
	memset(text, 'x', sizeof text);
	fr_draft_init(&draft, 70);
	fr_draft_set_string(&draft, "a", text, 64); /* "a":"..." is 70 */
	assert_int_equal(draft.error.status, FR_OK);
	assert_int_equal(draft.properties.length, 70);
	fr_draft_set_bool(&draft, "b", true);
	must_have_failed(&draft, FR_TOO_LARGE, "over 70 bytes");
	fr_draft_fini(&draft);
	fr_draft_init(&draft, 69);
	fr_draft_set_string(&draft, "a", text, 64);
	must_have_failed(&draft, FR_TOO_LARGE, "over 69 bytes");
	fr_draft_fini(&draft);
}

static void common_properties_yield_to_the_events_own(void **state)
{
	static const char common[] =
		"\"os\":\"linux\",\"mine\":{\"a\":[1,\"},{\"]},\"n\":-1.5e3,\"last\":null";
	struct fr_draft draft;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(&draft, "x");
	fr_draft_set_bool(&draft, "mine", true);
	assert_int_equal(fr_draft_finish(&draft, common, sizeof common - 1, NULL), FR_OK);
	properties_must_be(&draft, "\"mine\":true,\"os\":\"linux\",\"n\":-1.5e3,\"last\":null");
	fr_draft_fini(&draft);
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(&draft, "x");
	assert_int_equal(fr_draft_finish(&draft, common, sizeof common - 1, NULL), FR_OK);
	properties_must_be(&draft, common);
	fr_draft_fini(&draft);
}

static void common_properties_count_for_the_limits(void **state)
{
	struct fr_draft draft;
	struct fr_error err;

	(void)state;
	fr_draft_init(&draft, 12);
	fr_draft_set_name(&draft, "x");
	fr_draft_set_bool(&draft, "a", true);
	assert_int_equal(fr_draft_finish(&draft, "\"b\":1", 5, &err), FR_TOO_LARGE);
	assert_non_null(strstr(err.text, "over 12 bytes"));
	fr_draft_fini(&draft);
}

static void a_traceparent_is_version_00_with_ids(void **state)
{
	static const char *const wrong[] = {
		"",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
		"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
		"00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
		"00 4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
	};
	size_t i;

	(void)state;
	assert_true(
		fr_traceparent_is_valid("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (fr_traceparent_is_valid(wrong[i]))
			fail_msg("\"%s\"", wrong[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_draft_is_an_info_event_without_properties),
		cmocka_unit_test(values_of_every_type_become_json),
		cmocka_unit_test(a_double_has_the_fewest_digits_that_read_back),
		cmocka_unit_test(the_hosts_locale_does_not_change_numbers),
		cmocka_unit_test(what_json_cannot_say_is_refused),
		cmocka_unit_test(every_misuse_has_a_message_of_its_own),
		cmocka_unit_test(the_first_error_sticks),
		cmocka_unit_test(a_property_with_another_key_is_removed_and_counted),
		cmocka_unit_test(reserved_keys_are_taken_from_text),
		cmocka_unit_test(a_draft_without_a_name_does_not_finish),
		cmocka_unit_test(there_is_room_for_128_properties),
		cmocka_unit_test(the_ceiling_is_exact),
		cmocka_unit_test(common_properties_yield_to_the_events_own),
		cmocka_unit_test(common_properties_count_for_the_limits),
		cmocka_unit_test(a_traceparent_is_version_00_with_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

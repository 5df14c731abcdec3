/* Whole event objects, ours and foreign ones: what becomes of each member, and what is refused. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/draft.h"

static const struct fr_draft_fields trace2 = {"event", "time"};

static void parse_into(struct fr_draft *draft, const char *json,
		       const struct fr_draft_fields *fields)
{
	fr_draft_init(draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_parse(draft, json, strlen(json), fields);
}

static void must_give(const char *json, const struct fr_draft_fields *fields, const char *name,
		      const char *properties)
{
	struct fr_draft draft;

	parse_into(&draft, json, fields);
	if (fr_draft_finish(&draft, NULL, 0, NULL) != FR_OK)
		fail_msg("%s: %s", json, draft.error.text);
	assert_string_equal(draft.name, name);
	assert_string_equal(fr_buffer_text(&draft.properties), properties);
	fr_draft_fini(&draft);
}

static void must_be_refused(const char *json, const struct fr_draft_fields *fields,
			    enum fr_status status, const char *because)
{
	struct fr_draft draft;

	parse_into(&draft, json, fields);
	assert_int_equal(draft.error.status, status);
	if (strstr(draft.error.text, because) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", json, draft.error.text, because);
	fr_draft_fini(&draft);
}

static void an_event_is_taken_apart(void **state)
{
	struct fr_draft draft;

	(void)state;
	parse_into(&draft,
		   " {\"toolName\":\"edit_file\", \"severity\":\"error\","
		   "\"eventTime\":\"2026-11-22T09:35:00.5+01:00\", \"duration\": 450,"
		   "\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
		   "\"eventName\":\"tool_use_error\", \"nested\":{ \"a\" : [ 1 ] } } ",
		   NULL);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	assert_string_equal(draft.name, "tool_use_error");
	assert_int_equal(draft.severity, FR_ERROR);
	assert_true(draft.has_severity);
	assert_int_equal(draft.time_us, INT64_C(1795336500500000));
	assert_string_equal(draft.traceparent,
			    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
	assert_string_equal(fr_buffer_text(&draft.properties),
			    "\"toolName\":\"edit_file\",\"duration\":450,\"nested\":{\"a\":[1]}");
	assert_int_equal(draft.removed, 0);
	fr_draft_fini(&draft);
}

static void escaped_keys_and_values_are_recognised(void **state)
{
	must_give("{\"event\\u004eame\":\"\\u0061b\",\"\\u0078\":1}", NULL, "ab", "\"x\":1");
	(void)state;
}

static void an_event_may_have_no_properties(void **state)
{
	(void)state;
	must_give("{\"eventName\":\"x\"}", NULL, "x", "");
}

static void members_of_the_wrong_kind_are_named(void **state)
{
	static const struct {
		const char *json;
		const char *because;
	} cases[] = {
		{"{}", "eventName is missing"},
		{"{\"a\":1}", "eventName is missing"},
		{"{\"eventName\":7}", "eventName must be a string"},
		{"{\"eventName\":null}", "eventName must be a string"},
		{"{\"eventName\":\"\"}", "eventName \"\" is not 1 to 128 characters"},
		{"{\"eventName\":\"a b\"}", "eventName \"a b\" is not"},
		{"{\"eventName\":\"a\\u0000\"}", "eventName \"a?\" is not"},
		{"{\"eventName\":\"x\",\"severity\":\"loud\"}", "severity \"loud\" is not one of"},
		{"{\"eventName\":\"x\",\"severity\":3}", "severity must be a string"},
		{"{\"eventName\":\"x\",\"severity\":null}", "severity must be a string"},
		{"{\"eventName\":\"x\",\"eventTime\":\"now\"}", "eventTime \"now\" is not a time"},
		{"{\"eventName\":\"x\",\"eventTime\":1795336500}", "eventTime must be a string"},
		{"{\"eventName\":\"x\",\"traceparent\":\"00\"}", "traceparent \"00\" is not"},
		{"{\"eventName\":\"x\",\"traceparent\":{}}", "traceparent must be a string"},
	};
	char name[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		must_be_refused(cases[i].json, NULL, FR_INVALID, cases[i].because);
	(void)snprintf(name, sizeof name, "{\"eventName\":\"%0129d\"}", 1);
	must_be_refused(name, NULL, FR_INVALID, "1 to 128 characters");
}

static void what_is_not_one_object_is_refused(void **state)
{
	(void)state;
	must_be_refused("", NULL, FR_INVALID, "the text is empty");
	must_be_refused(" ", NULL, FR_INVALID, "the end of the text");
	must_be_refused("[]", NULL, FR_INVALID, "byte 1: expected a JSON object");
	must_be_refused(" \"x\"", NULL, FR_INVALID, "byte 2: expected a JSON object");
	must_be_refused("{\"eventName\":\"x\"}{}", NULL, FR_INVALID, "byte 18: expected nothing");
	must_be_refused("{\"eventName\":\"x\"", NULL, FR_INVALID, "byte 17: expected ',' or '}'");
	must_be_refused("{\"eventName\":\"x\",\"a\":NaN}", NULL, FR_INVALID, "byte 22");
	must_be_refused("{\"eventName\":\"x\",\"a\":\"\xff\"}", NULL, FR_INVALID,
			"byte 23: not valid UTF-8");
}

static void keys_that_stand_twice_are_refused_wherever_they_stand(void **state)
{
	static const char *const cases[] = {
		"{\"eventName\":\"x\",\"eventName\":\"x\"}",
		"{\"eventName\":\"x\",\"a\":1,\"a\":1}",
		"{\"eventName\":\"x\",\"a\":1,\"\\u0061\":1}",
		"{\"eventName\":\"x\",\"severity\":\"info\",\"severity\":\"info\"}",
		"{\"eventName\":\"x\",\"eventTime\":\"2026-11-22T08:35:00Z\",\"eventTime\":0}",
		"{\"eventName\":\"x\",\"a\":{\"b\":1,\"b\":1}}",
		"{\"eventName\":\"x\",\"a b\":1,\"a b\":1}",
		"{\"eventName\":\"x\",\"a b\":{\"c\":1,\"c\":1}}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		must_be_refused(cases[i], NULL, FR_INVALID, "stands twice");
}

static void removed_properties_are_counted_once_each(void **state)
{
	struct fr_draft draft;

	(void)state;
	parse_into(&draft,
		   "{\"a b\":{\"c "
		   "d\":1},\"eventName\":\"x\",\"\":0,\"ok\":{\"$\":1,\"k\":[{\"%\":2}]}}",
		   NULL);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	assert_int_equal(draft.removed, 4);
	assert_string_equal(fr_buffer_text(&draft.properties), "\"ok\":{\"k\":[{}]}");
	fr_draft_fini(&draft);
}

static void a_property_nests_eight_deep_and_no_deeper(void **state)
{
	(void)state;
	must_give("{\"eventName\":\"x\",\"a\":[[[[[[[[1]]]]]]]]}", NULL, "x",
		  "\"a\":[[[[[[[[1]]]]]]]]");
	must_give("{\"eventName\":\"x\",\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{"
		  "\"a\":1}}}}}}}}}",
		  NULL, "x",
		  "\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}");
	must_be_refused("{\"eventName\":\"x\",\"a\":[[[[[[[[[1]]]]]]]]]}", NULL, FR_TOO_LARGE,
			"nested too deeply");
	must_be_refused("{\"eventName\":\"x\",\"a b\":[[[[[[[[[1]]]]]]]]]}", NULL, FR_TOO_LARGE,
			"nested too deeply");
}

static void a_line_of_trace2_is_an_event(void **state)
{
	static const char line[] =
		"{\"event\":\"version\",\"sid\":\"20261122T100000.123456Z-H1a2b3c4d-P00000a1b\","
		"\"thread\":\"main\",\"time\":\"2026-11-22T10:00:00.123456Z\",\"file\":\"common-"
		"main.c\","
		"\"line\":50,\"evt\":\"3\",\"exe\":\"2.39.5\"}";
	struct fr_draft draft;

	(void)state;
	parse_into(&draft, line, &trace2);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	assert_string_equal(draft.name, "version");
	assert_int_equal(draft.time_us, INT64_C(1795341600123456));
	assert_string_equal(
		fr_buffer_text(&draft.properties),
		"\"sid\":\"20261122T100000.123456Z-H1a2b3c4d-P00000a1b\","
		"\"thread\":\"main\",\"file\":\"common-main.c\",\"line\":50,\"evt\":\"3\","
		"\"exe\":\"2.39.5\"");
	fr_draft_fini(&draft);
}

static void in_a_foreign_record_our_names_are_ordinary(void **state)
{
	(void)state;
	must_give("{\"event\":\"x\",\"eventName\":7,\"eventTime\":false}", &trace2, "x",
		  "\"eventName\":7,\"eventTime\":false");
	must_give("{\"event\":\"x\",\"severity\":\"LOUD\",\"traceparent\":[]}", &trace2, "x",
		  "\"severity\":\"LOUD\",\"traceparent\":[]");
	must_give("{\"event\":\"x\",\"severity\":4}", &trace2, "x", "\"severity\":4");
	must_give("{\"event\":\"x\",\"severity\":\"warn\"}", &trace2, "x", "");
	must_be_refused("{\"eventName\":\"x\"}", &trace2, FR_INVALID, "event is missing");
	must_be_refused("{\"event\":\"a b\"}", &trace2, FR_INVALID, "event \"a b\" is not");
	must_be_refused("{\"event\":\"x\",\"time\":17}", &trace2, FR_INVALID,
			"time must be a string");
	must_be_refused("{\"event\":\"x\",\"severity\":1,\"severity\":2}", &trace2, FR_INVALID,
			"stands twice");
}

static void one_foreign_field_leaves_the_other_ours(void **state)
{
	static const struct fr_draft_fields only_name = {"event", NULL};
	struct fr_draft draft;

	(void)state;
	parse_into(&draft, "{\"event\":\"x\",\"eventTime\":\"2026-11-22T08:35:00Z\",\"time\":1}",
		   &only_name);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	assert_int_equal(draft.time_us, INT64_C(1795336500000000));
	assert_string_equal(fr_buffer_text(&draft.properties), "\"time\":1");
	fr_draft_fini(&draft);
}

static void a_foreign_field_need_not_be_a_key_of_ours(void **state)
{
	static const struct fr_draft_fields ecs = {"event name", "@timestamp"};
	struct fr_draft draft;

	(void)state;
	parse_into(&draft,
		   "{\"@timestamp\":\"2026-11-22T08:35:00Z\",\"event name\":\"x\",\"@v\":1}", &ecs);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	assert_int_equal(draft.time_us, INT64_C(1795336500000000));
	assert_int_equal(draft.removed, 1);
	assert_string_equal(fr_buffer_text(&draft.properties), "");
	fr_draft_fini(&draft);
}

static void an_object_is_added_to_a_named_draft(void **state)
{
	struct fr_draft draft;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_name(&draft, "x");
	fr_draft_add_object(&draft, NULL, 0);
	fr_draft_add_object(&draft, "", 0);
	fr_draft_add_object(&draft, "{}", 2);
	fr_draft_add_object(&draft, "{\"a\":1,\"severity\":\"debug\"}", 26);
	fr_draft_set_bool(&draft, "b", true);
	fr_draft_add_object(&draft, " {\"c\":[]}", 9);
	assert_int_equal(fr_draft_finish(&draft, NULL, 0, NULL), FR_OK);
	assert_string_equal(fr_buffer_text(&draft.properties), "\"a\":1,\"b\":true,\"c\":[]");
	assert_int_equal(draft.severity, FR_DEBUG);
	fr_draft_fini(&draft);
}

static void added_to_a_named_draft_a_name_or_a_twin_is_refused(void **state)
{
	struct fr_draft draft;

	(void)state;
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_add_object(&draft, "{\"eventName\":\"y\"}", 17);
	assert_int_equal(draft.error.status, FR_INVALID);
	assert_non_null(strstr(draft.error.text, "eventName is reserved"));
	fr_draft_fini(&draft);
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_set_bool(&draft, "a", true);
	fr_draft_add_object(&draft, "{\"a\":1}", 7);
	assert_int_equal(draft.error.status, FR_INVALID);
	assert_non_null(strstr(draft.error.text, "\"a\" stands twice"));
	fr_draft_fini(&draft);
}

static void an_event_that_is_too_large_is_told_the_limit(void **state)
{
	struct fr_draft draft;
	char *json = malloc(1 << 20);

	(void)state;
	assert_non_null(json);
	memset(json, 'x', 1 << 20);
	memcpy(json, "{\"eventName\":\"x\",\"a\":\"", 22);
	memcpy(json + (1 << 20) - 2, "\"}", 2);
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_parse(&draft, json, 1 << 20, NULL);
	assert_int_equal(draft.error.status, FR_TOO_LARGE);
	assert_non_null(strstr(draft.error.text, "over 49152 bytes"));
	fr_draft_fini(&draft);
	free(json);
}

static void a_hundred_thousand_keys_are_refused_or_removed_soon(void **state)
{
	enum { KEYS = 100000 };
	struct fr_draft draft;
	struct fr_buffer json;
	int i;

	(void)state;
	fr_buffer_init(&json, SIZE_MAX);
	fr_buffer_add_text(&json, "{\"eventName\":\"x\"");
	for (i = 0; i < KEYS; i++)
		fr_buffer_add_format(&json, ",\"k%d\":0", i);
	fr_buffer_add_char(&json, '}');
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_parse(&draft, json.data, json.length, NULL);
	assert_int_equal(draft.error.status, FR_TOO_LARGE);
	fr_draft_fini(&draft);
	fr_buffer_clear(&json);
	fr_buffer_add_text(&json, "{\"eventName\":\"x\"");
	for (i = 0; i < KEYS; i++)
		fr_buffer_add_format(&json, ",\"%d\":0", i);
	fr_buffer_add_char(&json, '}');
	fr_draft_init(&draft, FR_EVENT_BYTES_DEFAULT);
	fr_draft_parse(&draft, json.data, json.length, NULL);
	assert_int_equal(draft.error.status, FR_OK);
	assert_int_equal(draft.removed, KEYS);
	fr_draft_fini(&draft);
	fr_buffer_fini(&json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_taken_apart),
		cmocka_unit_test(escaped_keys_and_values_are_recognised),
		cmocka_unit_test(an_event_may_have_no_properties),
		cmocka_unit_test(members_of_the_wrong_kind_are_named),
		cmocka_unit_test(what_is_not_one_object_is_refused),
		cmocka_unit_test(keys_that_stand_twice_are_refused_wherever_they_stand),
		cmocka_unit_test(removed_properties_are_counted_once_each),
		cmocka_unit_test(a_property_nests_eight_deep_and_no_deeper),
		cmocka_unit_test(a_line_of_trace2_is_an_event),
		cmocka_unit_test(in_a_foreign_record_our_names_are_ordinary),
		cmocka_unit_test(one_foreign_field_leaves_the_other_ours),
		cmocka_unit_test(a_foreign_field_need_not_be_a_key_of_ours),
		cmocka_unit_test(an_object_is_added_to_a_named_draft),
		cmocka_unit_test(added_to_a_named_draft_a_name_or_a_twin_is_refused),
		cmocka_unit_test(an_event_that_is_too_large_is_told_the_limit),
		cmocka_unit_test(a_hundred_thousand_keys_are_refused_or_removed_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

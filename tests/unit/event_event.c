/* The first-party wire form of a committed event, byte for byte. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "event/json.h"

static struct fr_event example(void)
{
	static const char properties[] =
		"{\"toolName\":\"edit_file\",\"errorType\":\"permission_denied\",\"duration\":450}";

	return (struct fr_event){
		.id = 1,
		.uuid = "0199a1b2-0000-7000-8000-000000000001",
		.name = "tool_use_error",
		.time_us = INT64_C(1795336500123456),
		.severity = FR_ERROR,
		.service = "my-tool",
		.version = "1.2.3",
		.session = "0199a1b2-0000-7000-8000-00000000000a",
		.seq = 17,
		.user_bucket = 5,
		.sendable = true,
		.traceparent = "",
		.properties = properties,
		.properties_length = sizeof properties - 1,
	};
}

static void json_must_be(const struct fr_event *event, const char *expected)
{
	enum fr_json_kind kind;
	struct fr_buffer out;
	struct fr_json json;

	fr_buffer_init(&out, 10000);
	fr_event_add_json(&out, event);
	assert_string_equal(fr_buffer_text(&out), expected);
	fr_json_init(&json, out.data, out.length, 16);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_int_equal(fr_json_skip(&json, kind, NULL), FR_OK);
	assert_int_equal(fr_json_next(&json, &kind, NULL), FR_OK);
	assert_int_equal(kind, FR_JSON_END);
	fr_buffer_fini(&out);
}

static void the_documented_form_comes_out(void **state)
{
	struct fr_event event = example();

	(void)state;
	json_must_be(
		&event,
		"{\"eventId\":\"0199a1b2-0000-7000-8000-000000000001\","
		"\"eventName\":\"tool_use_error\",\"time\":\"2026-11-22T08:35:00.123456Z\","
		"\"severity\":\"error\",\"service\":\"my-tool\",\"version\":\"1.2.3\","
		"\"session\":\"0199a1b2-0000-7000-8000-00000000000a\",\"seq\":17,\"userBucket\":5,"
		"\"properties\":{\"toolName\":\"edit_file\",\"errorType\":\"permission_denied\","
		"\"duration\":450}}");
}

static void what_is_optional_appears_when_it_is_known(void **state)
{
	struct fr_event event = example();

	(void)state;
	event.ci = true;
	event.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	event.service = "say \"hi\"";
	event.version = "";
	event.properties = "{}";
	event.properties_length = 2;
	json_must_be(
		&event,
		"{\"eventId\":\"0199a1b2-0000-7000-8000-000000000001\","
		"\"eventName\":\"tool_use_error\",\"time\":\"2026-11-22T08:35:00.123456Z\","
		"\"severity\":\"error\",\"service\":\"say \\\"hi\\\"\",\"version\":\"\","
		"\"session\":\"0199a1b2-0000-7000-8000-00000000000a\",\"seq\":17,\"userBucket\":5,"
		"\"ci\":true,"
		"\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
		"\"properties\":{}}");
}

static void nothing_of_the_machine_itself_is_in_it(void **state)
{
	struct fr_event event = example();
	struct fr_buffer out;

	(void)state;
	event.id = 987654321;
	event.internal = true;
	fr_buffer_init(&out, 10000);
	fr_event_add_json(&out, &event);
	assert_null(strstr(fr_buffer_text(&out), "987654321"));
	assert_null(strstr(fr_buffer_text(&out), "internal"));
	fr_buffer_fini(&out);
}

static void an_event_weighs_at_least_what_it_takes(void **state)
{
	struct fr_event event = example();
	struct fr_buffer out;

	(void)state;
	event.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	event.ci = true;
	event.seq = INT64_MAX;
	fr_buffer_init(&out, 10000);
	fr_event_add_json(&out, &event);
	assert_true(fr_event_weight(&event) >= (int64_t)out.length);
	assert_true(fr_event_weight(&event) < (int64_t)out.length + 200);
	fr_buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documented_form_comes_out),
		cmocka_unit_test(what_is_optional_appears_when_it_is_known),
		cmocka_unit_test(nothing_of_the_machine_itself_is_in_it),
		cmocka_unit_test(an_event_weighs_at_least_what_it_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bodies of OTLP to the byte. That OpenTelemetry's own code reads them so is another test's:
 * integration/otlp_proto_test.sh. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/sink_fixture.h"

#define HEAD(service)                                                             \
	"{\"resource\":{\"attributes\":["                                         \
	"{\"key\":\"service.name\",\"value\":{\"stringValue\":\"" service "\"}}," \
	"{\"key\":\"service.version\",\"value\":{\"stringValue\":\"1.2.3\"}},"    \
	"{\"key\":\"os.type\",\"value\":{\"stringValue\":\"linux\"}},"            \
	"{\"key\":\"host.arch\",\"value\":{\"stringValue\":\"amd64\"}}]},"        \
	"\"scopeLogs\":[{\"scope\":{\"name\":\"flightrec\"},\"logRecords\":["
#define TAIL "]}]}"
#define IDS(seq)                                                            \
	"{\"key\":\"log.record.uid\",\"value\":"                            \
	"{\"stringValue\":\"0193524e-9e3b-7000-8000-000000000001\"}},"      \
	"{\"key\":\"session.id\",\"value\":"                                \
	"{\"stringValue\":\"0193524e-0000-7000-8000-00000000000a\"}},"      \
	"{\"key\":\"flightrec.seq\",\"value\":{\"intValue\":\"" seq "\"}}," \
	"{\"key\":\"flightrec.user_bucket\",\"value\":{\"intValue\":\"5\"}}"
#define OWN                                                                  \
	",{\"key\":\"toolName\",\"value\":{\"stringValue\":\"edit_file\"}}," \
	"{\"key\":\"duration\",\"value\":{\"intValue\":\"450\"}}"
#define TIMES                                                                \
	"\"timeUnixNano\":\"1795336500123456000\",\"observedTimeUnixNano\":" \
	"\"1732252704315000000\","
#define RECORD(seq)                                                                 \
	"{" TIMES "\"severityNumber\":17,\"severityText\":\"error\",\"eventName\":" \
	"\"tool_use_error\",\"attributes\":[" IDS(seq) OWN "]}"

static const struct fr_sink_format *otlp(void)
{
	return fr_sink_format_find("otlp");
}

static struct fr_sink_settings settings_with_url(void)
{
	struct fr_sink_settings settings = sink_settings("otlp");

	settings.url = "http://127.0.0.1:4318";
	return settings;
}

static void encode(struct fr_request *request, const struct fr_event *events, size_t count)
{
	struct fr_sink_settings settings = settings_with_url();
	struct fr_sink_batch batch = sink_batch(events, count);
	struct fr_error err = {0};

	fr_request_init(request, 1 << 20);
	if (otlp()->encode(&settings, &batch, request, &err) != FR_OK)
		fail_msg("not encoded: %s", err.text);
}

static void expect_body(const struct fr_event *events, size_t count, const char *expected)
{
	struct fr_request request;

	encode(&request, events, count);
	assert_string_equal(fr_buffer_text(&request.body), expected);
	fr_request_fini(&request);
}

/* Is this in the body of one event? */
static void expect_part(const struct fr_event *event, const char *expected)
{
	struct fr_request request;

	encode(&request, event, 1);
	if (strstr(fr_buffer_text(&request.body), expected) == NULL)
		fail_msg("no %s in %s", expected, fr_buffer_text(&request.body));
	fr_request_fini(&request);
}

static void expect_no_part(const struct fr_event *event, const char *unexpected)
{
	struct fr_request request;

	encode(&request, event, 1);
	if (strstr(fr_buffer_text(&request.body), unexpected) != NULL)
		fail_msg("%s in %s", unexpected, fr_buffer_text(&request.body));
	fr_request_fini(&request);
}

/* ---- requests ---- */

static void an_event_is_a_record_with_a_name_and_attributes(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	expect_body(&event, 1, "{\"resourceLogs\":[" HEAD("my-tool") RECORD("17") TAIL "]}");
}

static void every_program_and_version_is_one_resource_in_the_order_of_the_batch(void **state)
{
	struct fr_event events[4] = {sink_event(), sink_event(), sink_event(), sink_event()};

	(void)state;
	events[0].seq = 1;
	events[1].seq = 2;
	events[1].service = "git";
	events[2].seq = 3;
	events[3].seq = 4;
	events[3].service = "git";
	expect_body(events, 4,
		    "{\"resourceLogs\":[" HEAD("git") RECORD("2") "," RECORD("4") TAIL
		    "," HEAD("my-tool") RECORD("1") "," RECORD("3") TAIL "]}");
	events[0].version = "1.2.4";
	events[0].service = "git";
	events[2].service = "";
	expect_part(&events[0],
		    "{\"key\":\"service.version\",\"value\":{\"stringValue\":\"1.2.4\"}}");
	expect_part(&events[2], "{\"stringValue\":\"unknown_service\"}");
	events[2].version = "";
	expect_no_part(&events[2], "service.version");
}

static void what_is_sent_goes_to_the_endpoint_with_the_headers_of_the_config(void **state)
{
	const struct fr_sink_header headers[] = {{"x-honey", "secret", "env:OTEL_HEADERS"}};
	struct fr_sink_settings settings = settings_with_url();
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_request request;
	struct fr_error err = {0};

	(void)state;
	settings.headers = headers;
	settings.header_count = 1;
	fr_request_init(&request, 1 << 20);
	assert_int_equal(otlp()->encode(&settings, &batch, &request, &err), FR_OK);
	assert_string_equal(request.url, "http://127.0.0.1:4318/v1/logs");
	assert_int_equal(request.header_count, 2);
	assert_string_equal(request.headers[0].name, "Content-Type");
	assert_string_equal(request.headers[0].value, "application/json");
	assert_string_equal(request.headers[1].name, "x-honey");
	assert_string_equal(request.headers[1].origin, "env:OTEL_HEADERS");
	fr_request_fini(&request);
}

static void expect_url(const char *base, const char *path, const char *expected)
{
	struct fr_sink_settings settings = sink_settings("otlp");
	struct fr_error err = {0};
	struct fr_buffer url;

	settings.url = base;
	settings.endpoint_path = path;
	fr_buffer_init(&url, 1000);
	assert_int_equal(otlp()->url(&settings, &url, &err), expected != NULL ? FR_OK : FR_INVALID);
	if (expected != NULL)
		assert_string_equal(fr_buffer_text(&url), expected);
	else
		assert_string_equal(err.text, "sink test: no url");
	fr_buffer_fini(&url);
}

static void the_endpoint_is_the_base_with_the_path_behind_it(void **state)
{
	(void)state;
	expect_url("http://h:4318", "/v1/logs", "http://h:4318/v1/logs");
	expect_url("http://h:4318/", "/v1/logs", "http://h:4318/v1/logs");
	expect_url("https://h/otel//", "/v1/logs", "https://h/otel/v1/logs");
	expect_url("https://h/otel?team=x", "/v1/logs", "https://h/otel/v1/logs?team=x");
	expect_url("https://h", "in", "https://h/in");
	expect_url("https://h/as/it/is/", "", "https://h/as/it/is/");
	expect_url("https://h/as?it=is", "", "https://h/as?it=is");
	expect_url("", "/v1/logs", NULL);
}

static void the_same_batch_gives_the_same_bytes(void **state)
{
	struct fr_event events[3] = {sink_event(), sink_event(), sink_event()};
	struct fr_request first, second;

	(void)state;
	events[1].service = "git";
	encode(&first, events, 3);
	encode(&second, events, 3);
	assert_int_equal(first.body.length, second.body.length);
	assert_memory_equal(first.body.data, second.body.data, first.body.length);
	fr_request_fini(&first);
	fr_request_fini(&second);
}

/* ---- an event's own ---- */

static void severities_are_the_first_grade_of_each(void **state)
{
	static const char *const expected[] = {
		"\"severityNumber\":1,\"severityText\":\"trace\"",
		"\"severityNumber\":5,\"severityText\":\"debug\"",
		"\"severityNumber\":9,\"severityText\":\"info\"",
		"\"severityNumber\":13,\"severityText\":\"warn\"",
		"\"severityNumber\":17,\"severityText\":\"error\"",
		"\"severityNumber\":21,\"severityText\":\"fatal\"",
	};
	struct fr_event event = sink_event();
	int severity;

	(void)state;
	for (severity = FR_TRACE; severity <= FR_FATAL; severity++) {
		event.severity = (enum fr_severity)severity;
		expect_part(&event, expected[severity - FR_TRACE]);
	}
	event.severity = (enum fr_severity)99; /* a row written by hand */
	expect_part(&event, expected[2]);
}

static void an_imported_event_was_observed_when_it_was_recorded(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	event.uuid = "01a20264-f38b-7000-8000-000000000001";
	event.time_us = INT64_C(1795336500123456);
	expect_part(&event, "\"timeUnixNano\":\"1795336500123456000\","
			    "\"observedTimeUnixNano\":\"1795336500107000000\"");
	event.time_us = INT64_C(1795336500107999); /* the id's millisecond */
	expect_part(&event, "\"timeUnixNano\":\"1795336500107999000\","
			    "\"observedTimeUnixNano\":\"1795336500107999000\"");
	event.uuid = "not an id"; /* a row written by hand */
	expect_part(&event, "\"observedTimeUnixNano\":\"1795336500107999000\"");
}

static void a_time_that_64_bits_of_nanoseconds_do_not_hold_is_an_attribute(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	event.time_us = INT64_C(32503680000000000); /* the year 3000 */
	expect_no_part(&event, "\"timeUnixNano\"");
	expect_part(&event, "{\"key\":\"flightrec.time\",\"value\":"
			    "{\"stringValue\":\"3000-01-01T00:00:00.000000Z\"}}");
	event.time_us = 0; /* would mean that it is unknown */
	expect_part(&event, "{\"stringValue\":\"1970-01-01T00:00:00.000000Z\"}");
	event.time_us = INT64_MAX / 1000;
	expect_part(&event, "\"timeUnixNano\":\"9223372036854775000\"");
}

static void a_traceparent_becomes_trace_span_and_flags_and_none_is_invented(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	expect_no_part(&event, "traceId");
	expect_no_part(&event, "flags");
	event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
	expect_part(&event, ",\"traceId\":\"0af7651916cd43dd8448eb211c80319c\","
			    "\"spanId\":\"b7ad6b7169203331\",\"flags\":1}");
	event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff";
	expect_part(&event, "\"flags\":255}");
	event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01";
	expect_no_part(&event, "traceId");
}

static void what_was_recorded_under_ci_says_so(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	expect_no_part(&event, "flightrec.ci");
	event.ci = true;
	expect_part(&event, "{\"key\":\"flightrec.ci\",\"value\":{\"boolValue\":true}}");
}

/* ---- values ---- */

static void every_kind_of_value_is_an_any_value(void **state)
{
	static const struct {
		const char *json, *value;
	} kinds[] = {
		{"\"text\"", "{\"stringValue\":\"text\"}"},
		{"\"\"", "{\"stringValue\":\"\"}"},
		{"\"q\\\"\\\\\\n\\u0000\\u00fc\xc3\xbc\"",
		 "{\"stringValue\":\"q\\\"\\\\\\n\\u0000\xc3\xbc\xc3\xbc\"}"},
		{"true", "{\"boolValue\":true}"},
		{"false", "{\"boolValue\":false}"},
		{"null", "{}"},
		{"0", "{\"intValue\":\"0\"}"},
		{"-17", "{\"intValue\":\"-17\"}"},
		{"9007199254740993", "{\"intValue\":\"9007199254740993\"}"},
		{"9223372036854775807", "{\"intValue\":\"9223372036854775807\"}"},
		{"-9223372036854775808", "{\"intValue\":\"-9223372036854775808\"}"},
		{"9223372036854775808", "{\"stringValue\":\"9223372036854775808\"}"},
		{"-9223372036854775809", "{\"stringValue\":\"-9223372036854775809\"}"},
		{"18446744073709551615", "{\"stringValue\":\"18446744073709551615\"}"},
		{"-0", "{\"doubleValue\":-0}"},
		{"1.5", "{\"doubleValue\":1.5}"},
		{"-2.5e-3", "{\"doubleValue\":-2.5e-3}"},
		{"1e3", "{\"doubleValue\":1e3}"},
		{"1.7976931348623157e308", "{\"doubleValue\":1.7976931348623157e308}"},
		{"1e309", "{\"stringValue\":\"1e309\"}"},
		{"-1E+999", "{\"stringValue\":\"-1E+999\"}"},
		{"[]", "{\"arrayValue\":{\"values\":[]}}"},
		{"{}", "{\"kvlistValue\":{\"values\":[]}}"},
		{"[1,[null,\"a\"],{\"b\":false}]", "{\"arrayValue\":{\"values\":[{\"intValue\":"
						   "\"1\"},{\"arrayValue\":{\"values\":[{},"
						   "{\"stringValue\":\"a\"}]}},{\"kvlistValue\":{"
						   "\"values\":[{\"key\":\"b\",\"value\":"
						   "{\"boolValue\":false}}]}}]}}"},
		{"{\"a\":{\"b\":[]},\"c\":0.5}",
		 "{\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":{\"kvlistValue\":"
		 "{\"values\":[{\"key\":\"b\",\"value\":{\"arrayValue\":{\"values\":[]}}}]}}},"
		 "{\"key\":\"c\",\"value\":{\"doubleValue\":0.5}}]}}"},
	};
	struct fr_event event = sink_event();
	char properties[256], expected[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		(void)snprintf(properties, sizeof properties, "{\"k\":%s}", kinds[i].json);
		(void)snprintf(expected, sizeof expected, ",{\"key\":\"k\",\"value\":%s}]}]}]}]}",
			       kinds[i].value);
		sink_event_set(&event, properties);
		expect_part(&event, expected);
	}
	sink_event_set(&event, "{}");
	expect_body(
		&event, 1,
		"{\"resourceLogs\":[" HEAD(
			"my-tool") "{" TIMES
				   "\"severityNumber\":17,\"severityText\":\"error\",\"eventName\":"
				   "\"tool_use_error\",\"attributes\":[" IDS("17") "]}" TAIL "]}");
}

static void properties_with_our_names_go_together_so_that_keys_stay_unique(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	sink_event_set(&event,
		       "{\"session.id\":\"mine\",\"a\":1,\"flightrec.seq\":2,"
		       "\"flightrec.properties\":3,\"log.record.uid\":{\"x\":4},\"flightrec\":5}");
	expect_part(&event,
		    IDS("17") ",{\"key\":\"a\",\"value\":{\"intValue\":\"1\"}},"
			      "{\"key\":\"flightrec\",\"value\":{\"intValue\":\"5\"}},"
			      "{\"key\":\"flightrec.properties\",\"value\":{\"kvlistValue\":{"
			      "\"values\":["
			      "{\"key\":\"session.id\",\"value\":{\"stringValue\":\"mine\"}},"
			      "{\"key\":\"flightrec.seq\",\"value\":{\"intValue\":\"2\"}},"
			      "{\"key\":\"flightrec.properties\",\"value\":{\"intValue\":\"3\"}},"
			      "{\"key\":\"log.record.uid\",\"value\":{\"kvlistValue\":{\"values\":["
			      "{\"key\":\"x\",\"value\":{\"intValue\":\"4\"}}]}}}]}}}]}");
}

static void the_deepest_event_there_is_fits(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	sink_event_set(&event, "{\"a\":[[[[[[[[1]]]]]]]]}");
	expect_part(&event, "{\"values\":[{\"intValue\":\"1\"}]}");
}

/* ---- what cannot be encoded ---- */

static void a_damaged_event_is_left_out_and_named_and_its_neighbours_go(void **state)
{
	static const char *const damaged[] = {
		"",
		"[]",
		"17",
		"{\"a\":}",
		"{\"a\":1",
		"{\"a\":1}x",
		"{\"a\":1,\"a\":2}",
		"{\"a\":{\"b\":1,\"b\":2}}",
		"{\"session.id\":1,\"session.id\":2}",
		"{\"session.id\":{\"b\":1,\"b\":2}}",
		"{\"session.i\\u0064\":1}",
		"{\"\":1}",
		"{\"a\":[[[[[[[[[1]]]]]]]]]}",
		"{\"a\":\"\xff\"}",
	};
	struct fr_event events[3] = {sink_event(), sink_event(), sink_event()};
	struct fr_request request;
	size_t i;

	(void)state;
	events[0].seq = 1;
	events[2].seq = 3;
	for (i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		sink_event_set(&events[1], damaged[i]);
		encode(&request, events, 3);
		assert_int_equal(request.left_out_count, 1);
		assert_int_equal(request.left_out[0], 1);
		assert_string_equal(fr_buffer_text(&request.body),
				    "{\"resourceLogs\":[" HEAD("my-tool")
					    RECORD("1") "," RECORD("3") TAIL "]}");
		fr_request_fini(&request);
	}
	events[1] = sink_event();
	events[1].name = "";
	encode(&request, events, 3);
	assert_int_equal(request.left_out_count, 1);
	fr_request_fini(&request);
}

static void a_resource_whose_events_are_all_damaged_is_not_named(void **state)
{
	struct fr_event events[4] = {sink_event(), sink_event(), sink_event(), sink_event()};
	struct fr_request request;

	(void)state;
	events[0].service = "zsh"; /* the last resource, and the first event */
	sink_event_set(&events[0], "damaged");
	events[1].service = "git"; /* the first resource */
	sink_event_set(&events[1], "damaged");
	events[3].service = "git";
	sink_event_set(&events[3], "damaged");
	encode(&request, events, 4);
	assert_string_equal(fr_buffer_text(&request.body),
			    "{\"resourceLogs\":[" HEAD("my-tool") RECORD("17") TAIL "]}");
	assert_int_equal(request.left_out_count, 3);
	assert_int_equal(request.left_out[0], 0);
	assert_int_equal(request.left_out[1], 1);
	assert_int_equal(request.left_out[2], 3);
	fr_request_fini(&request);
	expect_body(events, 2, "{\"resourceLogs\":[]}");
}

static void a_body_that_is_too_large_is_said_to_be(void **state)
{
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_settings settings = settings_with_url();
	struct fr_sink_batch batch = sink_batch(events, 2);
	struct fr_request request;
	struct fr_error err = {0};
	size_t ceiling;

	(void)state;
	for (ceiling = 1; ceiling < 1200; ceiling += 7) {
		fr_request_init(&request, ceiling);
		assert_int_equal(otlp()->encode(&settings, &batch, &request, &err), FR_TOO_LARGE);
		assert_int_equal(request.left_out_count, 0);
		fr_request_fini(&request);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_is_a_record_with_a_name_and_attributes),
		cmocka_unit_test(
			every_program_and_version_is_one_resource_in_the_order_of_the_batch),
		cmocka_unit_test(what_is_sent_goes_to_the_endpoint_with_the_headers_of_the_config),
		cmocka_unit_test(the_endpoint_is_the_base_with_the_path_behind_it),
		cmocka_unit_test(the_same_batch_gives_the_same_bytes),
		cmocka_unit_test(severities_are_the_first_grade_of_each),
		cmocka_unit_test(an_imported_event_was_observed_when_it_was_recorded),
		cmocka_unit_test(a_time_that_64_bits_of_nanoseconds_do_not_hold_is_an_attribute),
		cmocka_unit_test(a_traceparent_becomes_trace_span_and_flags_and_none_is_invented),
		cmocka_unit_test(what_was_recorded_under_ci_says_so),
		cmocka_unit_test(every_kind_of_value_is_an_any_value),
		cmocka_unit_test(properties_with_our_names_go_together_so_that_keys_stay_unique),
		cmocka_unit_test(the_deepest_event_there_is_fits),
		cmocka_unit_test(a_damaged_event_is_left_out_and_named_and_its_neighbours_go),
		cmocka_unit_test(a_resource_whose_events_are_all_damaged_is_not_named),
		cmocka_unit_test(a_body_that_is_too_large_is_said_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

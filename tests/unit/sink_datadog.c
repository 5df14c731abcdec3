#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "unit/sink_fixture.h"

#define HOUR_US INT64_C(3600000000)

static const struct fr_sink_format *datadog(void)
{
	return fr_sink_format_find("datadog");
}

static struct fr_sink_settings settings_with_site(void)
{
	struct fr_sink_settings settings = sink_settings("datadog");

	settings.site = "datadoghq.com";
	settings.api_key = "0123456789abcdef";
	settings.api_key_origin = "env:DD_API_KEY";
	return settings;
}

static void encode(struct fr_request *request, const struct fr_sink_settings *settings,
		   const struct fr_sink_batch *batch)
{
	struct fr_error err = {0};

	fr_request_init(request, (size_t)datadog()->most_bytes);
	assert_int_equal(datadog()->encode(settings, batch, request, &err), FR_OK);
}

static void expect_body(const struct fr_event *event, int64_t age_us, const char *tags,
			const char *expected)
{
	struct fr_sink_settings settings = settings_with_site();
	struct fr_sink_batch batch = sink_batch(event, 1);
	struct fr_request request;

	settings.tags = tags;
	batch.batch_time_us = event->time_us + age_us;
	encode(&request, &settings, &batch);
	assert_string_equal(fr_buffer_text(&request.body), expected);
	assert_int_equal(request.left_out_count, 0);
	fr_request_fini(&request);
}

static void an_event_becomes_one_flat_entry(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	expect_body(&event, 0, "env:prod",
		    "[{\"message\":\"tool_use_error\",\"service\":\"my-tool\","
		    "\"ddsource\":\"flightrec\",\"ddtags\":\"version:1.2.3,env:prod\","
		    "\"status\":\"error\",\"timestamp\":1795336500123,"
		    "\"toolName\":\"edit_file\",\"duration\":450,"
		    "\"userBucket\":5,\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\","
		    "\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":17}]");
}

static void what_nobody_said_is_left_out_of_the_entry(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	event.service = "";
	event.version = "";
	sink_event_set(&event, "{}");
	expect_body(&event, 0, "",
		    "[{\"message\":\"tool_use_error\",\"ddsource\":\"flightrec\","
		    "\"status\":\"error\",\"timestamp\":1795336500123,"
		    "\"userBucket\":5,\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\","
		    "\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":17}]");
}

static void ci_and_traceparent_are_told_when_known(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	event.ci = true;
	event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
	event.service = "";
	event.version = "";
	sink_event_set(&event, "{}");
	expect_body(
		&event, 0, "",
		"[{\"message\":\"tool_use_error\",\"ddsource\":\"flightrec\","
		"\"status\":\"error\",\"timestamp\":1795336500123,"
		"\"userBucket\":5,\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\","
		"\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":17,\"ci\":true,"
		"\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}]");
}

/* Encodes one event with these properties and gives the entry between "timestamp" and "userBucket".
 */
static void expect_members(const char *properties, const char *expected)
{
	struct fr_sink_settings settings = settings_with_site();
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_request request;
	const char *begin, *end;

	sink_event_set(&event, properties);
	encode(&request, &settings, &batch);
	begin = strstr(fr_buffer_text(&request.body), "\"timestamp\":1795336500123");
	assert_non_null(begin);
	begin += strlen("\"timestamp\":1795336500123");
	end = strstr(begin, ",\"userBucket\":5,\"eventId\"");
	assert_non_null(end);
	assert_int_equal(end - begin, strlen(expected));
	assert_memory_equal(begin, expected, strlen(expected));
	fr_request_fini(&request);
}

static void numbers_keep_every_digit(void **state)
{
	(void)state;
	expect_members("{\"a\":9007199254740993,\"b\":18446744073709551615,\"c\":1.10,\"d\":-0}",
		       ",\"a\":9007199254740993,\"b\":18446744073709551615,\"c\":1.10,\"d\":-0");
}

static void nested_values_are_spread_whole(void **state)
{
	(void)state;
	expect_members("{\"a\":{\"host\":[1,{\"x\":null}]},\"b\":[],\"c\":\"}\\\"\"}",
		       ",\"a\":{\"host\":[1,{\"x\":null}]},\"b\":[],\"c\":\"}\\\"\"");
}

static void every_name_that_datadog_takes_over_goes_under_properties(void **state)
{
	static const char *const names[] = {
		"timestamp", "_timestamp", "Timestamp", "eventTime", "date",       "published_date",
		"status",    "severity",   "level",     "host",      "hostname",   "service",
		"message",   "ddsource",   "ddtags",    "dd",        "dd.trace_id"};
	char properties[128], expected[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(properties, sizeof properties, "{\"a\":1,\"%s\":\"x\",\"b\":2}",
			       names[i]);
		(void)snprintf(expected, sizeof expected,
			       ",\"a\":1,\"b\":2,\"properties\":{\"%s\":\"x\"}", names[i]);
		expect_members(properties, expected);
	}
}

static void our_own_names_go_under_properties_too(void **state)
{
	(void)state;
	expect_members("{\"userBucket\":1,\"eventId\":2,\"session\":3,\"seq\":4,\"properties\":5,"
		       "\"lateSeconds\":6,\"occurredAt\":7,\"ci\":8,\"traceparent\":9}",
		       ",\"properties\":{\"userBucket\":1,\"eventId\":2,\"session\":3,\"seq\":4,"
		       "\"properties\":5,\"lateSeconds\":6,\"occurredAt\":7,\"ci\":8,"
		       "\"traceparent\":9}");
}

static void names_that_only_resemble_taken_ones_stay_where_they_are(void **state)
{
	(void)state;
	expect_members("{\"hosts\":1,\"ddx\":2,\"Host\":3,\"user.host\":4,\"statusCode\":5}",
		       ",\"hosts\":1,\"ddx\":2,\"Host\":3,\"user.host\":4,\"statusCode\":5");
}

static void a_tag_cannot_begin_another_tag(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	event.version = "1,env:x \"\\\n";
	sink_event_set(&event, "{}");
	expect_body(
		&event, 0, "team:k\xc3\xb6ln",
		"[{\"message\":\"tool_use_error\",\"service\":\"my-tool\","
		"\"ddsource\":\"flightrec\",\"ddtags\":\"version:1_env_x____,team:k\xc3\xb6ln\","
		"\"status\":\"error\",\"timestamp\":1795336500123,"
		"\"userBucket\":5,\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\","
		"\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":17}]");
}

static void an_event_older_than_17_hours_goes_without_a_timestamp(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	sink_event_set(&event, "{\"a\":1}");
	expect_body(&event, 17 * HOUR_US + 1, "env:prod",
		    "[{\"message\":\"tool_use_error\",\"service\":\"my-tool\","
		    "\"ddsource\":\"flightrec\",\"ddtags\":\"version:1.2.3,env:prod,late:true\","
		    "\"status\":\"error\",\"a\":1,"
		    "\"occurredAt\":\"2026-11-22T08:35:00.123456Z\",\"lateSeconds\":61200,"
		    "\"userBucket\":5,\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\","
		    "\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":17}]");
}

static void an_event_from_the_future_goes_without_a_timestamp(void **state)
{
	struct fr_event event = sink_event();

	(void)state;
	event.version = "";
	sink_event_set(&event, "{}");
	expect_body(&event, -2 * HOUR_US, "",
		    "[{\"message\":\"tool_use_error\",\"service\":\"my-tool\","
		    "\"ddsource\":\"flightrec\",\"ddtags\":\"late:true\",\"status\":\"error\","
		    "\"occurredAt\":\"2026-11-22T08:35:00.123456Z\",\"lateSeconds\":-7200,"
		    "\"userBucket\":5,\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\","
		    "\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":17}]");
}

static bool is_dated_at(int64_t age_us)
{
	struct fr_sink_settings settings = settings_with_site();
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_request request;
	bool is_dated;

	batch.batch_time_us = event.time_us + age_us;
	encode(&request, &settings, &batch);
	is_dated = strstr(fr_buffer_text(&request.body), "\"timestamp\":") != NULL;
	assert_int_equal(strstr(fr_buffer_text(&request.body), "late:true") == NULL, is_dated);
	fr_request_fini(&request);
	return is_dated;
}

static void the_age_window_ends_at_17_hours_and_at_110_minutes_ahead(void **state)
{
	(void)state;
	assert_true(is_dated_at(17 * HOUR_US));
	assert_false(is_dated_at(17 * HOUR_US + 1));
	assert_true(is_dated_at(-110 * HOUR_US / 60));
	assert_false(is_dated_at(-110 * HOUR_US / 60 - 1));
}

static void a_batch_is_stale_shortly_before_datadog_would_drop_it(void **state)
{
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 2);
	int64_t edge_us = SINK_TIME_US + 18 * HOUR_US;

	(void)state;
	assert_false(datadog()->is_stale(&batch, SINK_TIME_US));
	assert_false(datadog()->is_stale(&batch, edge_us - HOUR_US / 12));
	assert_true(datadog()->is_stale(&batch, edge_us - HOUR_US / 12 + 1));
	assert_true(datadog()->is_stale(&batch, edge_us + 1000 * HOUR_US));
	assert_false(datadog()->is_stale(&batch, SINK_TIME_US - HOUR_US));
	assert_true(datadog()->is_stale(&batch, SINK_TIME_US - 2 * HOUR_US));
	events[1].time_us -= HOUR_US; /* the oldest decides */
	assert_true(datadog()->is_stale(&batch, edge_us - HOUR_US));
}

static void what_went_without_a_timestamp_never_becomes_stale(void **state)
{
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);

	(void)state;
	batch.batch_time_us = SINK_TIME_US + 20 * HOUR_US;
	assert_false(datadog()->is_stale(&batch, SINK_TIME_US + 1000 * HOUR_US));
}

static void an_event_that_cannot_be_encoded_is_left_out_and_named(void **state)
{
	static const char *const broken[] = {"{\"a\":", "[1]", "{\"a\":1}}", "",
					     "{\"h\\u006fst\":1}"};
	struct fr_sink_settings settings = settings_with_site();
	struct fr_event events[3];
	struct fr_sink_batch batch = sink_batch(events, 3);
	struct fr_request request;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		events[0] = events[1] = events[2] = sink_event();
		sink_event_set(&events[0], broken[i]);
		encode(&request, &settings, &batch);
		assert_int_equal(request.left_out_count, 1);
		assert_int_equal(request.left_out[0], 0);
		assert_memory_equal(fr_buffer_text(&request.body), "[{\"message\"", 11);
		fr_request_fini(&request);
		events[0] = sink_event();
		sink_event_set(&events[2], broken[i]);
		encode(&request, &settings, &batch);
		assert_int_equal(request.left_out_count, 1);
		assert_int_equal(request.left_out[0], 2);
		assert_string_equal(fr_buffer_text(&request.body) + request.body.length - 3, "7}]");
		fr_request_fini(&request);
	}
}

static void an_entry_over_a_megabyte_is_left_out_since_it_would_be_cut(void **state)
{
	struct fr_sink_settings settings = settings_with_site();
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_buffer properties;
	struct fr_request request;
	int i;

	(void)state;
	fr_buffer_init(&properties, 2000000);
	fr_buffer_add_text(&properties, "{\"a\":\"");
	for (i = 0; i < 100000; i++)
		fr_buffer_add_text(&properties, "0123456789");
	fr_buffer_add_text(&properties, "\"}");
	sink_event_set(&event, fr_buffer_text(&properties));
	encode(&request, &settings, &batch);
	assert_int_equal(request.left_out_count, 1);
	assert_string_equal(fr_buffer_text(&request.body), "[]");
	fr_request_fini(&request);
	fr_buffer_fini(&properties);
}

static void a_body_past_its_ceiling_is_too_large(void **state)
{
	struct fr_sink_settings settings = settings_with_site();
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 2);
	struct fr_request request;
	struct fr_error err = {0};

	(void)state;
	fr_request_init(&request, 500);
	assert_int_equal(datadog()->encode(&settings, &batch, &request, &err), FR_TOO_LARGE);
	assert_string_equal(err.text, "the request would pass 500 bytes");
	fr_request_fini(&request);
}

static void the_request_goes_to_the_site_with_the_key(void **state)
{
	struct fr_sink_settings settings = settings_with_site();
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_request request;

	(void)state;
	encode(&request, &settings, &batch);
	assert_string_equal(request.url, "https://http-intake.logs.datadoghq.com/api/v2/logs");
	assert_int_equal(request.header_count, 2);
	assert_string_equal(request.headers[0].name, "Content-Type");
	assert_string_equal(request.headers[0].value, "application/json");
	assert_null(request.headers[0].origin);
	assert_string_equal(request.headers[1].name, "DD-API-KEY");
	assert_string_equal(request.headers[1].value, "0123456789abcdef");
	assert_string_equal(request.headers[1].origin, "env:DD_API_KEY");
	fr_request_fini(&request);
	settings.url = "http://127.0.0.1:8125/api/v2/logs";
	encode(&request, &settings, &batch);
	assert_string_equal(request.url, settings.url);
	fr_request_fini(&request);
}

static void without_site_and_url_there_is_nowhere_to_send(void **state)
{
	struct fr_sink_settings settings = sink_settings("datadog");
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_request request;
	struct fr_error err = {0};

	(void)state;
	fr_request_init(&request, 100000);
	assert_int_equal(datadog()->encode(&settings, &batch, &request, &err), FR_INVALID);
	assert_string_equal(err.text, "sink test: neither site nor url");
	fr_request_fini(&request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_becomes_one_flat_entry),
		cmocka_unit_test(what_nobody_said_is_left_out_of_the_entry),
		cmocka_unit_test(ci_and_traceparent_are_told_when_known),
		cmocka_unit_test(numbers_keep_every_digit),
		cmocka_unit_test(nested_values_are_spread_whole),
		cmocka_unit_test(every_name_that_datadog_takes_over_goes_under_properties),
		cmocka_unit_test(our_own_names_go_under_properties_too),
		cmocka_unit_test(names_that_only_resemble_taken_ones_stay_where_they_are),
		cmocka_unit_test(a_tag_cannot_begin_another_tag),
		cmocka_unit_test(an_event_older_than_17_hours_goes_without_a_timestamp),
		cmocka_unit_test(an_event_from_the_future_goes_without_a_timestamp),
		cmocka_unit_test(the_age_window_ends_at_17_hours_and_at_110_minutes_ahead),
		cmocka_unit_test(a_batch_is_stale_shortly_before_datadog_would_drop_it),
		cmocka_unit_test(what_went_without_a_timestamp_never_becomes_stale),
		cmocka_unit_test(an_event_that_cannot_be_encoded_is_left_out_and_named),
		cmocka_unit_test(an_entry_over_a_megabyte_is_left_out_since_it_would_be_cut),
		cmocka_unit_test(a_body_past_its_ceiling_is_too_large),
		cmocka_unit_test(the_request_goes_to_the_site_with_the_key),
		cmocka_unit_test(without_site_and_url_there_is_nowhere_to_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

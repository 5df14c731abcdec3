#include "support/test.h"

#include "unit/sink_fixture.h"

#define LINE(seq)                                                                                  \
	"{\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\",\"eventName\":\"tool_use_error\","  \
	"\"time\":\"2026-11-22T08:35:00.123456Z\",\"severity\":\"error\",\"service\":\"my-tool\"," \
	"\"version\":\"1.2.3\",\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":" seq  \
	",\"userBucket\":5,\"properties\":{\"toolName\":\"edit_file\",\"duration\":450}}\n"

static const struct fr_sink_format *ndjson(void)
{
	return fr_sink_format_find("ndjson");
}

static void encode(struct fr_request *request, const struct fr_sink_batch *batch)
{
	const struct fr_sink_header headers[] = {{"Authorization", "Bearer abc", "env:TOKEN"}};
	struct fr_sink_settings settings = sink_settings("ndjson");
	struct fr_error err = {0};

	settings.url = "https://collect.example.com/in?source=laptop";
	settings.headers = headers;
	settings.header_count = 1;
	fr_request_init(request, 1 << 20);
	assert_int_equal(ndjson()->encode(&settings, batch, request, &err), FR_OK);
}

static void every_event_is_one_line_of_a_post(void **state)
{
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 2);
	struct fr_request request;

	(void)state;
	events[1].seq = 18;
	encode(&request, &batch);
	assert_string_equal(fr_buffer_text(&request.body), LINE("17") LINE("18"));
	assert_string_equal(request.url, "https://collect.example.com/in?source=laptop");
	assert_int_equal(request.header_count, 3);
	assert_string_equal(request.headers[0].name, "Content-Type");
	assert_string_equal(request.headers[0].value, "application/x-ndjson");
	assert_string_equal(request.headers[1].name, "Authorization");
	assert_string_equal(request.headers[1].origin, "env:TOKEN");
	assert_string_equal(request.headers[2].name, "Idempotency-Key");
	assert_string_equal(request.headers[2].value, "\"0193524e-aaaa-7000-8000-00000000000b\"");
	fr_request_fini(&request);
}

static void an_event_that_cannot_be_encoded_leaves_no_line(void **state)
{
	struct fr_event events[3] = {sink_event(), sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 3);
	struct fr_request request;

	(void)state;
	sink_event_set(&events[0], "{\"a\":\"\n\"}");
	events[2].seq = 18;
	encode(&request, &batch);
	assert_string_equal(fr_buffer_text(&request.body), LINE("17") LINE("18"));
	assert_int_equal(request.left_out_count, 1);
	assert_int_equal(request.left_out[0], 0);
	fr_request_fini(&request);
}

static void a_body_that_is_too_large_is_said_to_be(void **state)
{
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 2);
	struct fr_sink_settings settings = sink_settings("ndjson");
	struct fr_request request;
	struct fr_error err = {0};

	(void)state;
	settings.url = "https://collect.example.com/";
	fr_request_init(&request, sizeof LINE("17") + 20);
	assert_int_equal(ndjson()->encode(&settings, &batch, &request, &err), FR_TOO_LARGE);
	fr_request_fini(&request);
}

static void without_a_url_there_is_nowhere_to_send(void **state)
{
	struct fr_sink_settings settings = sink_settings("ndjson");
	struct fr_buffer url;
	struct fr_error err = {0};

	(void)state;
	fr_buffer_init(&url, 100);
	assert_int_equal(ndjson()->url(&settings, &url, &err), FR_INVALID);
	assert_string_equal(err.text, "sink test: no url");
	fr_buffer_fini(&url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_is_one_line_of_a_post),
		cmocka_unit_test(an_event_that_cannot_be_encoded_leaves_no_line),
		cmocka_unit_test(a_body_that_is_too_large_is_said_to_be),
		cmocka_unit_test(without_a_url_there_is_nowhere_to_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

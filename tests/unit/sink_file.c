#include "support/test.h"

#include <string.h>

#include "unit/sink_fixture.h"

#define LINE(seq)                                                                                  \
	"{\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\",\"eventName\":\"tool_use_error\","  \
	"\"time\":\"2026-11-22T08:35:00.123456Z\",\"severity\":\"error\",\"service\":\"my-tool\"," \
	"\"version\":\"1.2.3\",\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":" seq  \
	",\"userBucket\":5,\"properties\":{\"toolName\":\"edit_file\",\"duration\":450}}\n"

static struct fr_sink_settings settings_with_path(void)
{
	struct fr_sink_settings settings = sink_settings("file");

	settings.path = "/home/me/delivered.ndjson";
	return settings;
}

static void encode(struct fr_request *request, const struct fr_sink_batch *batch)
{
	struct fr_sink_settings settings = settings_with_path();
	struct fr_error err = {0};

	fr_request_init(request, 1 << 20);
	assert_int_equal(fr_sink_format_find("file")->encode(&settings, batch, request, &err),
			 FR_OK);
}

static void every_event_is_one_line(void **state)
{
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 2);
	struct fr_request request;

	(void)state;
	events[1].seq = 18;
	encode(&request, &batch);
	assert_string_equal(fr_buffer_text(&request.body), LINE("17") LINE("18"));
	assert_string_equal(request.url, "/home/me/delivered.ndjson");
	assert_int_equal(request.header_count, 0);
	fr_request_fini(&request);
}

static void an_event_that_cannot_be_encoded_leaves_no_line(void **state)
{
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 2);
	struct fr_request request;

	(void)state;
	sink_event_set(&events[1], "{\"a\":\"\n\"}");
	encode(&request, &batch);
	assert_string_equal(fr_buffer_text(&request.body), LINE("17"));
	assert_int_equal(request.left_out_count, 1);
	assert_int_equal(request.left_out[0], 1);
	fr_request_fini(&request);
	sink_event_set(&events[0], "nonsense");
	encode(&request, &batch);
	assert_int_equal(request.body.length, 0);
	assert_int_equal(request.left_out_count, 2);
	fr_request_fini(&request);
}

static void a_file_sink_without_a_path_is_refused(void **state)
{
	struct fr_sink_settings settings = sink_settings("file");
	struct fr_buffer url;
	struct fr_error err = {0};

	(void)state;
	fr_buffer_init(&url, 100);
	assert_int_equal(fr_sink_format_find("file")->url(&settings, &url, &err), FR_INVALID);
	assert_string_equal(err.text, "sink test: no path");
	fr_buffer_fini(&url);
}

static void formats_are_found_by_their_type(void **state)
{
	const struct fr_sink_format *const *formats = fr_sink_formats();
	size_t i;

	(void)state;
	for (i = 0; formats[i] != NULL; i++) {
		assert_ptr_equal(fr_sink_format_find(formats[i]->type), formats[i]);
		assert_true(formats[i]->encoder_version >= 1);
	}
	assert_true(i >= 3);
	assert_null(fr_sink_format_find("carrier_pigeon"));
	assert_null(fr_sink_format_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_is_one_line),
		cmocka_unit_test(an_event_that_cannot_be_encoded_leaves_no_line),
		cmocka_unit_test(a_file_sink_without_a_path_is_refused),
		cmocka_unit_test(formats_are_found_by_their_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

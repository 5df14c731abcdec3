#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "unit/sink_fixture.h"

#define ENTRY                                                                                      \
	"{\"eventId\":\"0193524e-9e3b-7000-8000-000000000001\",\"eventName\":\"tool_use_error\","  \
	"\"time\":\"2026-11-22T08:35:00.123456Z\",\"severity\":\"error\",\"service\":\"my-tool\"," \
	"\"version\":\"1.2.3\",\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":17,"   \
	"\"userBucket\":5,\"properties\":{\"toolName\":\"edit_file\",\"duration\":450}}"

static const struct fr_sink_format *first_party(void)
{
	return fr_sink_format_find("first_party");
}

static struct fr_sink_settings settings_with_url(void)
{
	struct fr_sink_settings settings = sink_settings("first_party");

	settings.url = "https://telemetry.example.com/v1/events";
	return settings;
}

static void encode(struct fr_request *request, const struct fr_sink_settings *settings,
		   const struct fr_sink_batch *batch)
{
	struct fr_error err = {0};

	fr_request_init(request, 1 << 20);
	assert_int_equal(first_party()->encode(settings, batch, request, &err), FR_OK);
}

static void the_body_is_the_wire_form_of_the_design(void **state)
{
	struct fr_sink_settings settings = settings_with_url();
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 2);
	struct fr_request request;

	(void)state;
	encode(&request, &settings, &batch);
	assert_string_equal(fr_buffer_text(&request.body),
			    "{\"batchId\":\"0193524e-aaaa-7000-8000-00000000000b\","
			    "\"events\":[" ENTRY "," ENTRY "]}");
	fr_request_fini(&request);
}

static void the_same_batch_gives_the_same_bytes(void **state)
{
	struct fr_sink_settings settings = settings_with_url();
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 2);
	struct fr_request first, second;

	(void)state;
	encode(&first, &settings, &batch);
	encode(&second, &settings, &batch);
	assert_int_equal(first.body.length, second.body.length);
	assert_memory_equal(first.body.data, second.body.data, first.body.length);
	fr_request_fini(&first);
	fr_request_fini(&second);
}

static void the_idempotency_key_is_the_batch_id_in_quotes(void **state)
{
	const struct fr_sink_header headers[] = {
		{"Authorization", "Bearer abc", "file:/token"},
		{"content-type", "application/vnd.example+json", NULL},
	};
	struct fr_sink_settings settings = settings_with_url();
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_request request;

	(void)state;
	settings.headers = headers;
	settings.header_count = 2;
	encode(&request, &settings, &batch);
	assert_string_equal(request.url, "https://telemetry.example.com/v1/events");
	assert_int_equal(request.header_count, 3);
	assert_string_equal(request.headers[0].name, "content-type");
	assert_string_equal(request.headers[0].value, "application/vnd.example+json");
	assert_string_equal(request.headers[1].name, "Authorization");
	assert_string_equal(request.headers[1].origin, "file:/token");
	assert_string_equal(request.headers[2].name, "Idempotency-Key");
	assert_string_equal(request.headers[2].value, "\"0193524e-aaaa-7000-8000-00000000000b\"");
	fr_request_fini(&request);
}

static void an_event_that_cannot_be_encoded_is_left_out_and_named(void **state)
{
	struct fr_sink_settings settings = settings_with_url();
	struct fr_event events[3] = {sink_event(), sink_event(), sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 3);
	struct fr_request request;

	(void)state;
	sink_event_set(&events[1], "{\"a\":}");
	encode(&request, &settings, &batch);
	assert_int_equal(request.left_out_count, 1);
	assert_int_equal(request.left_out[0], 1);
	assert_string_equal(fr_buffer_text(&request.body),
			    "{\"batchId\":\"0193524e-aaaa-7000-8000-00000000000b\","
			    "\"events\":[" ENTRY "," ENTRY "]}");
	fr_request_fini(&request);
}

static void without_a_url_there_is_nowhere_to_send(void **state)
{
	struct fr_sink_settings settings = sink_settings("first_party");
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_request request;
	struct fr_error err = {0};

	(void)state;
	fr_request_init(&request, 1 << 20);
	assert_int_equal(first_party()->encode(&settings, &batch, &request, &err), FR_INVALID);
	assert_string_equal(err.text, "sink test: no url");
	fr_request_fini(&request);
}

/* ---- answers ---- */

/* Three events whose ids end in 3, 1, 2: the batch's order is not that of the ids. */
static struct fr_sink_batch three_events(struct fr_event events[3])
{
	static const char *const ids[] = {"00000000-0000-7000-8000-000000000003",
					  "00000000-0000-7000-8000-000000000001",
					  "00000000-0000-7000-8000-000000000002"};
	size_t i;

	for (i = 0; i < 3; i++) {
		events[i] = sink_event();
		events[i].uuid = ids[i];
	}
	return sink_batch(events, 3);
}

static struct fr_answer_details read_answer(int status, const char *body)
{
	struct fr_answer answer = {.status = status,
				   .content_type = "application/json",
				   .retry_after = "",
				   .date = "",
				   .body = body,
				   .body_length = strlen(body)};
	struct fr_answer_details details = {0};
	struct fr_event events[3];
	struct fr_sink_batch batch = three_events(events);

	assert_int_equal(first_party()->read_answer(&batch, &answer, &details), FR_OK);
	return details;
}

static void rejected_events_are_named_in_the_order_of_the_batch(void **state)
{
	struct fr_answer_details details = read_answer(
		200,
		"{\"accepted\":1,\"duplicates\":0,\"rejected\":["
		"{\"eventId\":\"00000000-0000-7000-8000-000000000002\",\"reason\":\"too old\"},"
		"{\"reason\":\"no\\nschema\\u001b[31m\",\"x\":[{}],"
		"\"eventId\":\"00000000-0000-7000-8000-000000000003\"}]}");

	(void)state;
	assert_int_equal(details.refused, 2);
	assert_int_equal(details.refusals[0].index, 0);
	assert_string_equal(details.refusals[0].reason, "no schema [31m");
	assert_int_equal(details.refusals[1].index, 2);
	assert_string_equal(details.refusals[1].reason, "too old");
	assert_false(details.already_taken);
	fr_answer_details_fini(&details);
}

static void an_event_rejected_twice_counts_once_and_foreign_ids_not_at_all(void **state)
{
	struct fr_answer_details details = read_answer(
		202, "{\"rejected\":[{\"eventId\":\"00000000-0000-7000-8000-000000000001\"},"
		     "{\"eventId\":\"00000000-0000-7000-8000-000000000001\",\"reason\":\"b\"},"
		     "{\"eventId\":\"00000000-0000-7000-8000-000000000009\",\"reason\":\"c\"},"
		     "{\"eventId\":7},{},17,[[]],\"00000000-0000-7000-8000-000000000002\"]}");

	(void)state;
	assert_int_equal(details.refused, 1);
	assert_int_equal(details.refusals[0].index, 1);
	assert_string_equal(details.refusals[0].reason, "rejected");
	fr_answer_details_fini(&details);
}

static void an_answer_that_does_not_parse_to_its_end_says_nothing(void **state)
{
	static const char *const bodies[] = {
		"",
		"ok",
		"null",
		"[]",
		"{}",
		"{\"rejected\":{}}",
		"{\"rejected\":null}",
		"{\"rejected\":[{\"eventId\":\"00000000-0000-7000-8000-000000000001\"}]",
		"{\"rejected\":[{\"eventId\":\"00000000-0000-7000-8000-000000000001\"}]} x",
		"{\"rejected\":[{\"eventId\":\"00000000-0000-7000-8000-000000000001\"}],}",
		"<html>{\"rejected\":[]}</html>",
		"\xff\xfe"};
	struct fr_answer_details details;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		details = read_answer(200, bodies[i]);
		assert_int_equal(details.refused, 0);
		assert_null(details.refusals);
		details = read_answer(409, bodies[i]);
		assert_false(details.already_taken);
	}
}

static void a_cut_answer_says_nothing_however_it_reads(void **state)
{
	struct fr_answer answer = {
		.status = 200,
		.content_type = "",
		.retry_after = "",
		.date = "",
		.body = "{\"rejected\":[{\"eventId\":\"00000000-0000-7000-8000-000000000001\"}]}",
		.body_incomplete = true};
	struct fr_answer_details details = {0};
	struct fr_event events[3];
	struct fr_sink_batch batch = three_events(events);

	(void)state;
	answer.body_length = strlen(answer.body);
	assert_int_equal(first_party()->read_answer(&batch, &answer, &details), FR_OK);
	assert_int_equal(details.refused, 0);
}

static void a_conflict_is_an_ack_only_when_all_events_are_duplicates(void **state)
{
	(void)state;
	assert_true(read_answer(409, "{\"accepted\":0,\"duplicates\":3}").already_taken);
	assert_false(read_answer(409, "{\"accepted\":1,\"duplicates\":2}").already_taken);
	assert_false(read_answer(409, "{\"duplicates\":4}").already_taken);
	assert_false(read_answer(409, "{\"duplicates\":3.0}").already_taken);
	assert_false(read_answer(409, "{\"duplicates\":-3}").already_taken);
	assert_false(read_answer(409, "{\"duplicates\":\"3\"}").already_taken);
	assert_false(
		read_answer(409, "{\"duplicates\":300000000000000000000000000003}").already_taken);
	assert_false(read_answer(200, "{\"duplicates\":3}").already_taken);
}

static void an_answer_of_four_megabytes_of_rejections_is_read_in_bounded_memory(void **state)
{
	struct fr_answer answer = {
		.status = 200, .content_type = "", .retry_after = "", .date = ""};
	struct fr_answer_details details = {0};
	struct fr_event events[3];
	struct fr_sink_batch batch = three_events(events);
	struct fr_buffer body;

	(void)state;
	fr_buffer_init(&body, FR_ANSWER_MAX);
	fr_buffer_add_text(&body, "{\"rejected\":[");
	while (body.length < FR_ANSWER_MAX - 100)
		fr_buffer_add_text(&body, "{\"eventId\":\"x\"},");
	fr_buffer_add_text(&body, "{\"eventId\":\"00000000-0000-7000-8000-000000000002\"}]}");
	assert_int_equal(body.status, FR_OK);
	answer.body = body.data;
	answer.body_length = body.length;
	assert_int_equal(first_party()->read_answer(&batch, &answer, &details), FR_OK);
	assert_int_equal(details.refused, 1);
	assert_int_equal(details.refusals[0].index, 2);
	fr_answer_details_fini(&details);
	fr_buffer_fini(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_body_is_the_wire_form_of_the_design),
		cmocka_unit_test(the_same_batch_gives_the_same_bytes),
		cmocka_unit_test(the_idempotency_key_is_the_batch_id_in_quotes),
		cmocka_unit_test(an_event_that_cannot_be_encoded_is_left_out_and_named),
		cmocka_unit_test(without_a_url_there_is_nowhere_to_send),
		cmocka_unit_test(rejected_events_are_named_in_the_order_of_the_batch),
		cmocka_unit_test(an_event_rejected_twice_counts_once_and_foreign_ids_not_at_all),
		cmocka_unit_test(an_answer_that_does_not_parse_to_its_end_says_nothing),
		cmocka_unit_test(a_cut_answer_says_nothing_however_it_reads),
		cmocka_unit_test(a_conflict_is_an_ack_only_when_all_events_are_duplicates),
		cmocka_unit_test(
			an_answer_of_four_megabytes_of_rejections_is_read_in_bounded_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

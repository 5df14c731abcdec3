/* What an OTLP server's answer means beyond its status. */
#include "support/test.h"

#include <string.h>

#include "unit/sink_fixture.h"

static struct fr_answer_details read_answer(int status, const char *body)
{
	struct fr_answer answer = {.status = status,
				   .content_type = "application/json",
				   .retry_after = "",
				   .date = "",
				   .body = body,
				   .body_length = strlen(body)};
	struct fr_event events[5] = {sink_event(), sink_event(), sink_event(), sink_event(),
				     sink_event()};
	struct fr_sink_batch batch = sink_batch(events, 5);
	struct fr_answer_details details = {0};

	assert_int_equal(fr_sink_format_find("otlp")->read_answer(&batch, &answer, &details),
			 FR_OK);
	assert_int_equal(details.refused, 0);
	assert_false(details.already_taken);
	return details;
}

static void expect_loss(const char *body, size_t lost, const char *words)
{
	struct fr_answer_details details = read_answer(200, body);

	assert_int_equal(details.meaning, FR_ANSWER_BY_STATUS);
	assert_int_equal(details.lost, lost);
	assert_string_equal(details.words, words);
}

static void a_full_success_loses_nothing(void **state)
{
	(void)state;
	expect_loss("{}", 0, "");
	expect_loss("", 0, "");
	expect_loss("{\"partialSuccess\":{}}", 0, "");
	expect_loss("{\"partialSuccess\":null}", 0, "");
	expect_loss("{\"partialSuccess\":{\"rejectedLogRecords\":\"0\",\"errorMessage\":\"\"}}", 0,
		    "");
}

static void a_partial_success_says_how_many_are_lost_and_why(void **state)
{
	(void)state;
	expect_loss("{\"partialSuccess\":{\"rejectedLogRecords\":\"3\",\"errorMessage\":\"too "
		    "old\"}}",
		    3, "too old");
	expect_loss("{\"partialSuccess\":{\"errorMessage\":\"no\\nschema\\u001b[31m\","
		    "\"rejectedLogRecords\":3}}",
		    3, "no schema [31m");
	expect_loss(" { \"future\" : [{}], \"partialSuccess\" : { \"rejectedLogRecords\" : 1 , "
		    "\"more\" : {} } } ",
		    1, "");
}

static void a_message_without_a_loss_is_a_warning(void **state)
{
	(void)state;
	expect_loss("{\"partialSuccess\":{\"errorMessage\":\"use v2\"}}", 0, "use v2");
	expect_loss("{\"partialSuccess\":{\"rejectedLogRecords\":0,\"errorMessage\":\"use v2\"}}",
		    0, "use v2");
}

static void no_more_can_be_lost_than_was_sent(void **state)
{
	(void)state;
	expect_loss("{\"partialSuccess\":{\"rejectedLogRecords\":\"5\"}}", 5, "");
	expect_loss("{\"partialSuccess\":{\"rejectedLogRecords\":\"6\"}}", 5, "");
	expect_loss("{\"partialSuccess\":{\"rejectedLogRecords\":999999999999999999}}", 5, "");
}

static void garbage_says_nothing(void **state)
{
	static const char *const bodies[] = {
		"ok",
		"null",
		"[]",
		"\x0a\x04\x08\x03\x12\x00",
		"<html>{\"partialSuccess\":{\"rejectedLogRecords\":3}}</html>",
		"{\"partialSuccess\":3}",
		"{\"partialSuccess\":[{\"rejectedLogRecords\":3}]}",
		"{\"rejectedLogRecords\":3}",
		"{\"partialSuccess\":{\"rejectedLogRecords\":-3}}",
		"{\"partialSuccess\":{\"rejectedLogRecords\":\"-3\"}}",
		"{\"partialSuccess\":{\"rejectedLogRecords\":\"three\"}}",
		"{\"partialSuccess\":{\"rejectedLogRecords\":\"\"}}",
		"{\"partialSuccess\":{\"rejectedLogRecords\":{}}}",
		"{\"partialSuccess\":{\"rejectedLogRecords\":30000000000000000000000}}",
		"{\"partialSuccess\":{\"rejectedLogRecords\":3}",
		"{\"partialSuccess\":{\"rejectedLogRecords\":3}} x",
		"{\"partialSuccess\":{\"rejectedLogRecords\":3},}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bodies / sizeof *bodies; i++)
		expect_loss(bodies[i], 0, "");
}

static void a_cut_answer_says_nothing_however_it_reads(void **state)
{
	struct fr_answer answer = {.status = 200,
				   .content_type = "",
				   .retry_after = "",
				   .date = "",
				   .body = "{\"partialSuccess\":{\"rejectedLogRecords\":3}}",
				   .body_incomplete = true};
	struct fr_answer_details details = {0};
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);

	(void)state;
	answer.body_length = strlen(answer.body);
	assert_int_equal(fr_sink_format_find("otlp")->read_answer(&batch, &answer, &details),
			 FR_OK);
	assert_int_equal(details.lost, 0);
}

static void what_the_specification_forbids_to_retry_is_refused_for_good(void **state)
{
	static const int for_good[] = {408, 425, 500, 506, 507, 508, 520, 521, 522, 599};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof for_good / sizeof *for_good; i++) {
		struct fr_answer_details details =
			read_answer(for_good[i], "{\"code\":13,\"message\":\"internal\"}");

		assert_int_equal(details.meaning, FR_ANSWER_FOR_GOOD);
		assert_string_equal(details.words, "OTLP forbids sending it again");
		assert_int_equal(details.lost, 0);
	}
}

static void everything_else_is_decided_by_its_status(void **state)
{
	static const int by_status[] = {200, 202, 302, 400, 401, 403, 404, 405, 407, 409, 413,
					415, 422, 429, 501, 502, 503, 504, 505, 511, 600, 0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof by_status / sizeof *by_status; i++) {
		struct fr_answer_details details = read_answer(by_status[i], "{}");

		assert_int_equal(details.meaning, FR_ANSWER_BY_STATUS);
		assert_string_equal(details.words, "");
	}
	assert_int_equal(read_answer(503, "{\"partialSuccess\":{\"rejectedLogRecords\":3}}").lost,
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_success_loses_nothing),
		cmocka_unit_test(a_partial_success_says_how_many_are_lost_and_why),
		cmocka_unit_test(a_message_without_a_loss_is_a_warning),
		cmocka_unit_test(no_more_can_be_lost_than_was_sent),
		cmocka_unit_test(garbage_says_nothing),
		cmocka_unit_test(a_cut_answer_says_nothing_however_it_reads),
		cmocka_unit_test(what_the_specification_forbids_to_retry_is_refused_for_good),
		cmocka_unit_test(everything_else_is_decided_by_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

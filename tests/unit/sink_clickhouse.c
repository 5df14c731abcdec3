/* What ClickHouse is sent, what it is asked, and what its answers mean. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/sink_fixture.h"

#define ROW                                                                                   \
	"{\"event_id\":\"0193524e-9e3b-7000-8000-000000000001\",\"name\":\"tool_use_error\"," \
	"\"ts\":\"2026-11-22T08:35:00.123456Z\",\"ts_us\":1795336500123456,"                  \
	"\"severity\":\"error\",\"service\":\"my-tool\",\"version\":\"1.2.3\","               \
	"\"session\":\"0193524e-0000-7000-8000-00000000000a\",\"seq\":17,\"user_bucket\":5,"  \
	"\"ci\":0,\"traceparent\":\"\","                                                      \
	"\"properties\":\"{\\\"toolName\\\":\\\"edit_file\\\",\\\"duration\\\":450}\"}\n"

#define INSERT                                                                                    \
	"query=INSERT%20INTO%20%60telemetry%60.%60events%60%20%28event_id%2Cname%2Cts%2Cts_us%2C" \
	"severity%2Cservice%2Cversion%2Csession%2Cseq%2Cuser_bucket%2Cci%2Ctraceparent%2C"        \
	"properties%29%20FORMAT%20JSONEachRow"
#define TOKEN "&insert_deduplication_token=0193524e-aaaa-7000-8000-00000000000b"
#define REST                                                       \
	"&insert_deduplicate=1&async_insert=0&wait_end_of_query=1" \
	"&date_time_input_format=best_effort&input_format_skip_unknown_fields=1"

static const struct fr_sink_format *clickhouse(void)
{
	return fr_sink_format_find("clickhouse");
}

static struct fr_sink_settings settings_with_table(const char *table)
{
	struct fr_sink_settings settings = sink_settings("clickhouse");

	settings.url = "http://127.0.0.1:8123";
	settings.table = table;
	return settings;
}

static enum fr_status encode(struct fr_request *request, const struct fr_sink_settings *settings,
			     const struct fr_event *events, size_t count, struct fr_error *err)
{
	struct fr_sink_batch batch = sink_batch(events, count);

	fr_request_init(request, 1 << 20);
	return clickhouse()->encode(settings, &batch, request, err);
}

static void must_encode(struct fr_request *request, const struct fr_sink_settings *settings,
			const struct fr_event *events, size_t count)
{
	struct fr_error err = {0};

	assert_int_equal(encode(request, settings, events, count, &err), FR_OK);
}

/* ---- the request ---- */

static void a_row_a_line_with_its_properties_as_a_string(void **state)
{
	struct fr_sink_settings settings = settings_with_table("telemetry.events");
	struct fr_event events[2] = {sink_event(), sink_event()};
	struct fr_request request;

	(void)state;
	must_encode(&request, &settings, events, 2);
	assert_string_equal(fr_buffer_text(&request.body), ROW ROW);
	assert_string_equal(request.headers[0].name, "Content-Type");
	assert_string_equal(request.headers[0].value, "application/x-ndjson");
	fr_request_fini(&request);
}

static void the_url_lists_columns_settings_and_the_batchs_id(void **state)
{
	struct fr_sink_settings settings = settings_with_table("telemetry.events");
	struct fr_event event = sink_event();
	struct fr_request request;

	(void)state;
	must_encode(&request, &settings, &event, 1);
	assert_string_equal(request.url, "http://127.0.0.1:8123/?" INSERT TOKEN REST);
	fr_request_fini(&request);
}

static void a_url_keeps_its_path_and_its_own_query(void **state)
{
	static const char *const urls[][2] = {
		{"https://ch.example.com", "https://ch.example.com/?query="},
		{"https://ch.example.com/", "https://ch.example.com/?query="},
		{"https://x.example.com/clickhouse", "https://x.example.com/clickhouse?query="},
		{"https://x.example.com/?database=a", "https://x.example.com/?database=a&query="},
		{"https://x.example.com?database=a", "https://x.example.com?database=a&query="},
	};
	struct fr_sink_settings settings = settings_with_table("t");
	struct fr_event event = sink_event();
	struct fr_request request;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		settings.url = urls[i][0];
		must_encode(&request, &settings, &event, 1);
		assert_memory_equal(request.url, urls[i][1], strlen(urls[i][1]));
		assert_non_null(strstr(request.url, "INTO%20%60t%60%20%28event_id"));
		fr_request_fini(&request);
	}
}

static void no_other_statement_gets_in_by_the_tables_name(void **state)
{
	static const char *const tables[] = {"",     "a.b.c", "t`",  "t (a) SELECT 1 --",
					     "1t",   ".t",    "t.",  "t&query=DROP",
					     "t\nx", "t%60",  "a b", "\xc3\xa9"};
	struct fr_sink_settings settings = settings_with_table("");
	struct fr_event event = sink_event();
	struct fr_request request;
	struct fr_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		settings.table = tables[i];
		assert_int_equal(encode(&request, &settings, &event, 1, &err), FR_INVALID);
		assert_null(request.url);
		fr_request_fini(&request);
	}
}

static void user_and_password_go_as_headers_and_the_password_as_a_secret(void **state)
{
	struct fr_sink_settings settings = settings_with_table("t");
	struct fr_event event = sink_event();
	struct fr_request request;

	(void)state;
	settings.user = "writer";
	settings.password = "p4ss";
	settings.password_origin = "env:CH_PASSWORD";
	must_encode(&request, &settings, &event, 1);
	assert_int_equal(request.header_count, 3);
	assert_string_equal(request.headers[1].name, "X-ClickHouse-User");
	assert_string_equal(request.headers[1].value, "writer");
	assert_null(request.headers[1].origin);
	assert_string_equal(request.headers[2].name, "X-ClickHouse-Key");
	assert_string_equal(request.headers[2].value, "p4ss");
	assert_string_equal(request.headers[2].origin, "env:CH_PASSWORD");
	assert_null(strstr(request.url, "p4ss"));
	fr_request_fini(&request);
}

static void every_digit_and_every_character_arrives(void **state)
{
	struct fr_sink_settings settings = settings_with_table("t");
	struct fr_event event = sink_event();
	struct fr_request request;

	(void)state;
	event.service = "line\nbreak \"quoted\"";
	event.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	event.ci = true;
	sink_event_set(&event, "{\"n\":9007199254740993,\"s\":\"\xc3\xa9 \\u0000 \\\"\"}");
	must_encode(&request, &settings, &event, 1);
	assert_non_null(strstr(request.body.data,
			       "\"properties\":\"{\\\"n\\\":9007199254740993,\\\"s\\\":"
			       "\\\"\xc3\xa9 \\\\u0000 \\\\\\\"\\\"}\"}\n"));
	assert_non_null(strstr(request.body.data, "\"service\":\"line\\nbreak \\\"quoted\\\"\""));
	assert_non_null(strstr(request.body.data,
			       "\"ci\":1,\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-"
			       "00f067aa0ba902b7-01\""));
	fr_request_fini(&request);
}

static void a_time_that_no_datetime_holds_stops_at_its_end_and_stays_exact_beside_it(void **state)
{
	static const struct {
		int64_t time_us;
		const char *expected;
	} rows[] = {
		{0, "\"ts\":\"1970-01-01T00:00:00.000000Z\",\"ts_us\":0,"},
		{-1, "\"ts\":\"1970-01-01T00:00:00.000000Z\",\"ts_us\":-1,"},
		{INT64_C(4291747199000000),
		 "\"ts\":\"2105-12-31T23:59:59.000000Z\",\"ts_us\":4291747199000000,"},
		{INT64_C(4291747199000001),
		 "\"ts\":\"2105-12-31T23:59:59.000000Z\",\"ts_us\":4291747199000001,"},
		{INT64_C(253402300799999999),
		 "\"ts\":\"2105-12-31T23:59:59.000000Z\",\"ts_us\":253402300799999999,"},
	};
	struct fr_sink_settings settings = settings_with_table("t");
	struct fr_event event = sink_event();
	struct fr_request request;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		event.time_us = rows[i].time_us;
		must_encode(&request, &settings, &event, 1);
		assert_non_null(strstr(request.body.data, rows[i].expected));
		fr_request_fini(&request);
	}
}

static void a_damaged_event_is_left_out_and_named(void **state)
{
	struct fr_sink_settings settings = settings_with_table("t");
	struct fr_event events[3] = {sink_event(), sink_event(), sink_event()};
	struct fr_request request;

	(void)state;
	sink_event_set(&events[1], "{\"a\":}");
	must_encode(&request, &settings, events, 3);
	assert_int_equal(request.left_out_count, 1);
	assert_int_equal(request.left_out[0], 1);
	assert_string_equal(fr_buffer_text(&request.body), ROW ROW);
	fr_request_fini(&request);
}

/* ---- the question ---- */

static const struct fr_sink_question *question(void)
{
	return clickhouse()->question;
}

static struct fr_answer answer_of(int status, const char *body)
{
	return (struct fr_answer){.status = status,
				  .content_type = "text/plain",
				  .retry_after = "",
				  .date = "",
				  .body = body,
				  .body_length = strlen(body)};
}

static void the_question_is_asked_as_the_user_at_the_bare_url(void **state)
{
	struct fr_sink_settings settings = settings_with_table("t");
	struct fr_request request;
	struct fr_error err = {0};

	(void)state;
	settings.url = "http://127.0.0.1:8123/?database=x";
	settings.user = "writer";
	fr_request_init(&request, question()->most_bytes);
	assert_int_equal(question()->ask(&settings, &request, &err), FR_OK);
	assert_string_equal(request.url, "http://127.0.0.1:8123/?database=x");
	assert_string_equal(request.headers[1].name, "X-ClickHouse-User");
	assert_string_equal(fr_buffer_text(&request.body),
			    "SELECT name FROM system.settings WHERE name IN ('max_threads',"
			    "'insert_deduplication_token','insert_deduplicate','async_insert',"
			    "'date_time_input_format','input_format_skip_unknown_fields') "
			    "FORMAT TabSeparated\n");
	fr_request_fini(&request);
}

/* The URL that a server gets which answers the question like this; "" when it is no answer. The
 * caller frees. */
static char *url_after(const char *url, const char *body)
{
	struct fr_sink_settings settings = settings_with_table("telemetry.events");
	struct fr_answer answer = answer_of(200, body);
	struct fr_event event = sink_event();
	struct fr_request request;
	unsigned abilities;
	char *fitted;

	if (!question()->learn(&answer, &abilities))
		return calloc(1, 1);
	settings.url = url;
	must_encode(&request, &settings, &event, 1);
	question()->suit(&request, abilities);
	assert_string_equal(fr_buffer_text(&request.body), ROW);
	fitted = strdup(request.url);
	fr_request_fini(&request);
	return fitted;
}

static void expect_url(const char *url, const char *body, const char *expected)
{
	char *fitted = url_after(url, body);

	assert_string_equal(fitted, expected);
	free(fitted);
}

static void what_the_server_does_not_list_is_not_sent(void **state)
{
	static const char url[] = "http://127.0.0.1:8123";

	(void)state;
	expect_url(url,
		   "max_threads\ninsert_deduplicate\ninput_format_skip_unknown_fields\n"
		   "date_time_input_format\n",
		   "http://127.0.0.1:8123/?" INSERT
		   "&insert_deduplicate=1&wait_end_of_query=1&date_time_input_format=best_effort&"
		   "input_format_skip_unknown_fields=1");
	expect_url(url,
		   "async_insert\ndate_time_input_format\ninput_format_skip_unknown_fields\n"
		   "insert_deduplicate\ninsert_deduplication_token\nmax_threads\n",
		   "http://127.0.0.1:8123/?" INSERT TOKEN REST);
	expect_url(url, "max_threads", "http://127.0.0.1:8123/?" INSERT "&wait_end_of_query=1");
	expect_url("http://127.0.0.1:8123/?date_time_input_formats=1", "max_threads\n",
		   "http://127.0.0.1:8123/?date_time_input_formats=1&" INSERT
		   "&wait_end_of_query=1");
}

static void what_does_not_look_like_clickhouses_list_teaches_nothing(void **state)
{
	static const char *const bodies[] = {"",
					     "\n",
					     "Ok.\n",
					     "insert_deduplicate\n",
					     "max_threads\n\n",
					     "max_threads\nand more\n",
					     "max_threads\r\n",
					     "<html>max_threads</html>"};
	struct fr_answer cut = answer_of(200, "max_threads\n");
	unsigned abilities;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		expect_url("http://127.0.0.1:8123", bodies[i], "");
	cut.body_incomplete = true;
	assert_false(question()->learn(&cut, &abilities));
	cut = answer_of(500, "max_threads\n");
	assert_false(question()->learn(&cut, &abilities));
}

static void an_unknown_setting_means_that_it_has_to_be_asked_again(void **state)
{
	struct fr_answer old = answer_of(404, "Code: 115, e.displayText() = DB::Exception: x");
	struct fr_answer other = answer_of(404, "Code: 60, e.displayText() = DB::Exception: x");

	(void)state;
	assert_true(question()->is_outdated(&old));
	assert_false(question()->is_outdated(&other));
}

/* ---- answers ---- */

static struct fr_answer_details read(const struct fr_answer *answer)
{
	struct fr_answer_details details = {0};
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);

	assert_int_equal(clickhouse()->read_answer(&batch, answer, &details), FR_OK);
	assert_int_equal(details.refused, 0);
	return details;
}

static enum fr_answer_meaning meaning_of(int status, unsigned header_code, const char *body)
{
	struct fr_answer answer = answer_of(status, body);

	answer.exception_code = header_code;
	return read(&answer).meaning;
}

static void only_200_with_an_empty_body_is_taken(void **state)
{
	struct fr_answer cut = answer_of(200, "");

	(void)state;
	assert_int_equal(meaning_of(200, 0, ""), FR_ANSWER_TAKEN);
	assert_int_equal(meaning_of(200, 0, "Ok.\n"), FR_ANSWER_NOBODY_KNOWS);
	assert_int_equal(meaning_of(202, 0, ""), FR_ANSWER_NOBODY_KNOWS);
	assert_int_equal(meaning_of(204, 0, ""), FR_ANSWER_NOBODY_KNOWS);
	assert_int_equal(meaning_of(200, 60, ""), FR_ANSWER_SETUP);
	assert_int_equal(meaning_of(200, 0, "Code: 241. DB::Exception: Memory"), FR_ANSWER_LATER);
	cut.body_incomplete = true;
	assert_int_equal(read(&cut).meaning, FR_ANSWER_LATER);
}

static void every_code_of_the_three_lists_has_its_meaning(void **state)
{
	static const unsigned later[] = {159, 160, 173, 198, 201, 202, 203, 209, 210, 216, 225, 236,
					 241, 242, 243, 244, 252, 254, 265, 279, 285, 286, 289, 290,
					 319, 335, 364, 373, 384, 394, 425, 439, 473, 499, 999};
	static const unsigned setup[] = {16,  47,  60,  81,  115, 164, 192,
					 193, 194, 291, 452, 472, 497, 516};
	static const unsigned events[] = {6,   25,  26,  27,  33,  38,  41,  53,  69,  70, 72,
					  117, 130, 131, 321, 349, 376, 407, 441, 467, 469};
	size_t known = 0;
	unsigned code;

	(void)state;
	for (code = 1; code < 1200; code++) {
		enum fr_answer_meaning expected = FR_ANSWER_NOBODY_KNOWS;
		char body[64];
		size_t i;

		for (i = 0; i < sizeof later / sizeof later[0]; i++)
			expected = later[i] == code ? FR_ANSWER_LATER : expected;
		for (i = 0; i < sizeof setup / sizeof setup[0]; i++)
			expected = setup[i] == code ? FR_ANSWER_SETUP : expected;
		for (i = 0; i < sizeof events / sizeof events[0]; i++)
			expected = events[i] == code ? FR_ANSWER_EVENTS : expected;
		known += expected != FR_ANSWER_NOBODY_KNOWS;
		assert_int_equal(meaning_of(500, code, ""), expected);
		(void)snprintf(body, sizeof body, "Code: %u. DB::Exception: x", code);
		assert_int_equal(meaning_of(500, 0, body), expected);
		assert_int_equal(meaning_of(404, 0, body), expected);
	}
	assert_int_equal(known, 35 + 14 + 21);
}

static void the_header_goes_before_the_body_and_any_line_may_tell(void **state)
{
	(void)state;
	assert_int_equal(meaning_of(500, 60, "Code: 241. DB::Exception: x"), FR_ANSWER_SETUP);
	assert_int_equal(meaning_of(500, 0, "some rows\nCode: 241. DB::Exception: x"),
			 FR_ANSWER_LATER);
	assert_int_equal(meaning_of(500, 0, "see Code: 241"), FR_ANSWER_BY_STATUS);
	assert_int_equal(meaning_of(500, 0, "Code: "), FR_ANSWER_BY_STATUS);
	assert_int_equal(meaning_of(500, 0, "Code: 99999999999999999999"), FR_ANSWER_NOBODY_KNOWS);
	assert_int_equal(meaning_of(502, 0, "<html>Bad Gateway</html>"), FR_ANSWER_BY_STATUS);
	assert_int_equal(meaning_of(503, 0, ""), FR_ANSWER_BY_STATUS);
}

static void an_insert_of_too_many_months_goes_in_parts_and_a_busy_table_is_waited_for(void **state)
{
	(void)state;
	assert_int_equal(
		meaning_of(500, 252,
			   "Code: 252. DB::Exception: Too many partitions for single INSERT block "
			   "(more than 100). The limit is controlled by "
			   "'max_partitions_per_insert_block' setting. (TOO_MANY_PARTS)"),
		FR_ANSWER_EVENTS);
	assert_int_equal(
		meaning_of(500, 0,
			   "Code: 252. DB::Exception: Too many parts (300). Merges are "
			   "processing significantly slower than inserts. (TOO_MANY_PARTS)"),
		FR_ANSWER_LATER);
	assert_int_equal(meaning_of(500, 252, ""), FR_ANSWER_LATER);
}

static void a_status_that_speaks_of_credentials_stands(void **state)
{
	struct fr_answer answer = answer_of(401, "Code: 193, e.displayText() = DB::Exception: "
						 "Wrong password for user writer, e.what() = "
						 "DB::Exception");
	struct fr_answer_details details = read(&answer);

	(void)state;
	assert_int_equal(details.meaning, FR_ANSWER_BY_STATUS);
	assert_string_equal(details.words, "ClickHouse code 193, WRONG_PASSWORD: Wrong password "
					   "for user writer");
	assert_int_equal(meaning_of(403, 497, ""), FR_ANSWER_BY_STATUS);
	assert_int_equal(meaning_of(500, 516, ""), FR_ANSWER_SETUP);
	assert_int_equal(meaning_of(403, 241, ""), FR_ANSWER_LATER);
}

static void the_words_quote_the_server_on_its_setup_and_never_on_data(void **state)
{
	struct fr_answer setup = answer_of(404, "Code: 60, e.displayText() = DB::Exception: Table "
						"default.nope doesn't exist., e.what() = "
						"DB::Exception\nmore");
	struct fr_answer data = answer_of(500, "Code: 27, e.displayText() = DB::Exception: Cannot "
					       "parse input: expected , before: secret");
	struct fr_answer unknown = answer_of(500, "Code: 49, e.displayText() = DB::Exception: "
						  "Unknown element 'secret'");

	(void)state;
	assert_string_equal(read(&setup).words, "ClickHouse code 60, UNKNOWN_TABLE: Table "
						"default.nope doesn't exist.");
	assert_string_equal(read(&data).words,
			    "ClickHouse code 27, CANNOT_PARSE_INPUT_ASSERTION_FAILED");
	assert_string_equal(read(&unknown).words, "ClickHouse code 49, which is unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_a_line_with_its_properties_as_a_string),
		cmocka_unit_test(the_url_lists_columns_settings_and_the_batchs_id),
		cmocka_unit_test(a_url_keeps_its_path_and_its_own_query),
		cmocka_unit_test(no_other_statement_gets_in_by_the_tables_name),
		cmocka_unit_test(user_and_password_go_as_headers_and_the_password_as_a_secret),
		cmocka_unit_test(every_digit_and_every_character_arrives),
		cmocka_unit_test(
			a_time_that_no_datetime_holds_stops_at_its_end_and_stays_exact_beside_it),
		cmocka_unit_test(a_damaged_event_is_left_out_and_named),
		cmocka_unit_test(the_question_is_asked_as_the_user_at_the_bare_url),
		cmocka_unit_test(what_the_server_does_not_list_is_not_sent),
		cmocka_unit_test(what_does_not_look_like_clickhouses_list_teaches_nothing),
		cmocka_unit_test(an_unknown_setting_means_that_it_has_to_be_asked_again),
		cmocka_unit_test(only_200_with_an_empty_body_is_taken),
		cmocka_unit_test(every_code_of_the_three_lists_has_its_meaning),
		cmocka_unit_test(the_header_goes_before_the_body_and_any_line_may_tell),
		cmocka_unit_test(
			an_insert_of_too_many_months_goes_in_parts_and_a_busy_table_is_waited_for),
		cmocka_unit_test(a_status_that_speaks_of_credentials_stands),
		cmocka_unit_test(the_words_quote_the_server_on_its_setup_and_never_on_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

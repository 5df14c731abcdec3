/* The agent and a real ClickHouse: what arrives, how often it counts, and what its refusals lead
 * to. One server serves all tests; each begins with empty tables.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"
#include "base/file.h"
#include "sink/sink.h"
#include "support/clickhouse.h"

static struct test_clickhouse server;
static bool is_there;

static const char rows[] = "SELECT count(*) FROM pending";
static const char once[] = "SELECT count() FROM telemetry.events_once";

static int server_open(void **state)
{
	(void)state;
	is_there = test_clickhouse_is_there();
	if (is_there)
		test_clickhouse_open(&server);
	return 0;
}

static int server_close(void **state)
{
	(void)state;
	if (is_there)
		test_clickhouse_close(&server);
	return 0;
}

static struct agent_fixture *begin(void **state)
{
	if (!is_there) {
		print_message("clickhouse-server is not installed\n");
		skip();
	}
	/* After a crash this release finds what was truncated before it. */
	free(test_clickhouse_ask(&server, "DROP TABLE telemetry.events"));
	test_clickhouse_make_tables(&server);
	return *state;
}

static void configure(struct agent_fixture *fixture, const char *table, const char *more)
{
	char json[2048];

	(void)snprintf(json, sizeof json,
		       "{\"limits\":{\"burst\":0},\"service\":\"my-tool\",\"version\":\"1.2.3\","
		       "\"sinks\":[{\"name\":\"warehouse\",\"type\":\"clickhouse\","
		       "\"url\":\"http://127.0.0.1:%d\",\"table\":\"%s\",\"events\":[\"*\"],"
		       "\"retry\":{\"initial\":\"100ms\"}%s%s}]}",
		       server.server.port, table, more[0] != '\0' ? "," : "", more);
	agent_configure(fixture, json);
}

static void ask(const char *sql, const char *expected)
{
	char *answer = test_clickhouse_ask(&server, sql);

	if (strcmp(answer, expected) != 0)
		fail_msg("%s\nanswers\n%s\nand not\n%s", sql, answer, expected);
	free(answer);
}

/* The config's first secret, in a file. */
static void write_password(const struct agent_fixture *fixture, const char *password)
{
	test_folder_write(&fixture->folder, "password", password);
}

/* ---- what arrives ---- */

static void a_thousand_events_arrive_with_every_value_exact(void **state)
{
	struct agent_fixture *fixture = begin(state);
	flightrec *recorder;
	char json[256], sql[1024];

	configure(fixture, "telemetry.events", "");
	agent_start(fixture);
	agent_record(fixture, "first", 1);
	recorder = fixture->recorder;
	for (long long i = 1; i < 1000; i++) {
		(void)snprintf(json, sizeof json,
			       "{\"big\":%lld,\"small\":%lld,\"ratio\":0.1,\"text\":\"n\xc2\xb0"
			       "%lld\"}",
			       9007199254740993LL + i, -9223372036854775807LL + i, i);
		assert_int_equal(flightrec_record(recorder, "value", json), FLIGHTREC_OK);
	}
	assert_int_equal(flightrec_flush(recorder, TEST_PATIENCE_MS), FLIGHTREC_OK);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_clickhouse_number(&server, once), 1000);
	(void)snprintf(sql, sizeof sql,
		       "SELECT count() FROM telemetry.events_once WHERE name = 'value' AND "
		       "properties = concat('{\"big\":', toString(9007199254740993 + seq), "
		       "',\"small\":', toString(toInt64(seq) - 9223372036854775807), "
		       "',\"ratio\":0.1,\"text\":\"n\xc2\xb0', toString(seq), '\"}')");
	assert_int_equal(test_clickhouse_number(&server, sql), 999);
	ask("SELECT uniqExact(event_id), min(seq), max(seq), uniqExact(seq) FROM "
	    "telemetry.events",
	    "1000\t0\t999\t1000");
	ask("SELECT count() FROM telemetry.gaps", "0");
	ask("SELECT name, events, sessions FROM telemetry.by_name ORDER BY name",
	    "first\t1\t1\nvalue\t999\t1");
}

static void every_column_holds_what_was_recorded(void **state)
{
	static const char properties[] =
		"{\"quote\":\"\\\"'`\\\\\",\"lines\":\"a\\nb\\r\\tc\",\"nul\":\"x\\u0000y\","
		"\"wide\":\"\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80\",\"nested\":{\"a\":[1,{\"b\":"
		"[true,null,\"}\\\"\"]}],\"max\":18446744073709551615,\"min\":"
		"-9223372036854775808,\"e\":1e-7},\"empty\":{}}";
	static const char trace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	struct agent_fixture *fixture = begin(state);
	flightrec_event *event = flightrec_event_new("tool_use_error");
	char expected[4096], hex[2 * sizeof properties];
	size_t length = 0;

	configure(fixture, "telemetry.events", "\"user\":\"writer\",\"password\":\"right\"");
	agent_record(fixture, "before", 1);
	flightrec_event_set_time(event, INT64_C(1795336500123456));
	flightrec_event_set_severity(event, FLIGHTREC_ERROR);
	flightrec_event_set_traceparent(event, trace);
	flightrec_event_set_json(event, "all", properties);
	assert_int_equal(flightrec_commit(fixture->recorder, event), FLIGHTREC_OK);
	agent_start(fixture);
	assert_int_equal(flightrec_flush(fixture->recorder, TEST_PATIENCE_MS), FLIGHTREC_OK);
	for (size_t i = 0; i < sizeof properties - 1; i++)
		length += (size_t)snprintf(hex + length, sizeof hex - length, "%02X",
					   (unsigned char)properties[i]);
	(void)snprintf(expected, sizeof expected,
		       "tool_use_error\t2026-11-22 08:35:00\t1795336500123456\terror\tmy-tool\t"
		       "1.2.3\t%s\t1\t%u\t%d\t%s\t7B22616C6C223A%s7D",
		       flightrec_session_id(fixture->recorder),
		       flightrec_user_bucket(fixture->recorder), getenv("CI") != NULL, trace, hex);
	ask("SELECT name, ts, ts_us, severity, service, version, session, seq, user_bucket, ci, "
	    "traceparent, hex(properties) FROM telemetry.events WHERE name = 'tool_use_error'",
	    expected);
	assert_int_equal(agent_ask_queue(fixture, rows), 0);
}

static void a_time_beyond_the_columns_end_does_not_wrap_around(void **state)
{
	struct agent_fixture *fixture = begin(state);
	flightrec_event *event = flightrec_event_new("far");

	configure(fixture, "telemetry.events", "");
	agent_record(fixture, "before", 1);
	flightrec_event_set_time(event, INT64_C(253402300799999999));
	assert_int_equal(flightrec_commit(fixture->recorder, event), FLIGHTREC_OK);
	agent_start(fixture);
	assert_int_equal(flightrec_flush(fixture->recorder, TEST_PATIENCE_MS), FLIGHTREC_OK);
	ask("SELECT toUnixTimestamp(ts), ts_us FROM telemetry.events WHERE name = 'far'",
	    "4291747199\t253402300799999999");
}

/* ---- how often it counts ---- */

static void post(const struct fr_request *request, int status, const char *text)
{
	const char *path = strstr(request->url, "/?");
	struct test_answer answer;

	test_http(server.server.port, "POST", path, NULL, request->body.data, request->body.length,
		  &answer);
	if (answer.status != status || strstr(answer.body, text) == NULL)
		fail_msg("HTTP %d %s", answer.status, answer.body);
	test_answer_fini(&answer);
}

/* What the server answers to the format's question. */
static unsigned abilities_of(const struct fr_sink_format *format,
			     const struct fr_sink_settings *settings)
{
	struct test_answer heard;
	struct fr_request request;
	struct fr_answer answer;
	unsigned abilities = 0;

	fr_request_init(&request, format->question->most_bytes);
	assert_int_equal(format->question->ask(settings, &request, NULL), FR_OK);
	test_http_post(server.server.port, "/", NULL, fr_buffer_text(&request.body), &heard);
	answer = (struct fr_answer){
		.status = heard.status, .body = heard.body, .body_length = heard.body_length};
	assert_true(format->question->learn(&answer, &abilities));
	test_answer_fini(&heard);
	fr_request_fini(&request);
	return abilities;
}

static struct fr_sink_settings settings_of_table(const char *table)
{
	return (struct fr_sink_settings){.name = "warehouse",
					 .type = "clickhouse",
					 .url = "http://127.0.0.1/",
					 .table = table,
					 .user = "",
					 .password = ""};
}

static void the_same_batch_sent_twice_is_counted_once_without_optimize(void **state)
{
	const struct fr_sink_format *format = fr_sink_format_find("clickhouse");
	const struct fr_sink_settings settings = settings_of_table("telemetry.events");
	struct fr_event events[50];
	char ids[50][40];
	const struct fr_sink_batch batch = {"0193524e-aaaa-7000-8000-00000000000b", 0, events, 50};
	struct fr_request request;
	struct fr_error err = {FR_OK, ""};

	(void)begin(state);
	for (size_t i = 0; i < 50; i++) {
		(void)snprintf(ids[i], sizeof ids[i], "0193524e-9e3b-7000-8000-%012zu", i);
		events[i] = (struct fr_event){.uuid = ids[i],
					      .name = "e",
					      .time_us = INT64_C(1795336500000000) + (int64_t)i,
					      .severity = FR_INFO,
					      .service = "",
					      .version = "",
					      .session = "0193524e-0000-7000-8000-00000000000a",
					      .seq = (int64_t)i,
					      .user_bucket = 5,
					      .traceparent = "",
					      .properties = "{}",
					      .properties_length = 2};
	}
	fr_request_init(&request, 1 << 20);
	assert_int_equal(format->encode(&settings, &batch, &request, &err), FR_OK);
	if (strstr(request.url, "insert_deduplication_token=0193524e-aaaa") == NULL)
		fail_msg("no token in %s", request.url);
	format->question->suit(&request, abilities_of(format, &settings));
	free(test_clickhouse_ask(&server, "SYSTEM STOP MERGES"));
	post(&request, 200, "");
	post(&request, 200, "");
	/* Both are still there, and nobody counts them twice. */
	ask("SELECT count() FROM telemetry.events", "100");
	ask("SELECT count() FROM telemetry.events FINAL", "50");
	ask(once, "50");
	ask("SELECT events FROM telemetry.by_name", "50");
	ask("SELECT count() FROM telemetry.gaps", "0");
	free(test_clickhouse_ask(&server, "SYSTEM START MERGES"));
	fr_request_fini(&request);
}

static void this_release_is_asked_because_it_refuses_what_it_does_not_know(void **state)
{
	const struct fr_sink_format *format = fr_sink_format_find("clickhouse");
	const struct fr_sink_settings settings = settings_of_table("telemetry.events");
	const struct fr_sink_batch batch = {"0193524e-aaaa-7000-8000-00000000000b", 0, NULL, 0};
	struct fr_request request;
	struct fr_error err = {FR_OK, ""};
	char *version;

	(void)begin(state);
	version = test_clickhouse_ask(&server, "SELECT version()");
	fr_request_init(&request, 1 << 20);
	assert_int_equal(format->encode(&settings, &batch, &request, &err), FR_OK);
	if (strncmp(version, "18.", 3) == 0)
		post(&request, 404, "Unknown setting");
	format->question->suit(&request, abilities_of(format, &settings));
	post(&request, 200, "");
	free(version);
	fr_request_fini(&request);
}

static void a_batch_whose_answer_was_lost_with_the_agent_is_counted_once(void **state)
{
	struct agent_fixture *fixture = begin(state);

	if (!HAS_CRASH_POINTS) {
		print_message("built without crash points\n");
		skip();
	}
	configure(fixture, "telemetry.events", "");
	agent_record(fixture, "e", 30);
	fixture->variable = "FLIGHTREC_CRASH=courier.answered:1";
	fixture->agent = agent_launch(fixture, (const char *const[]){"--drain", NULL});
	assert_int_equal(test_process_wait(fixture->agent, TEST_PATIENCE_MS), 128 + 9);
	test_process_free(fixture->agent);
	fixture->agent = NULL;
	ask("SELECT count() FROM telemetry.events", "30");
	assert_int_equal(agent_ask_queue(fixture, rows), 30);
	fixture->variable = NULL;
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_clickhouse_number(&server, once), 30);
}

static void a_server_that_dies_and_comes_back_loses_nothing_and_counts_nothing_twice(void **state)
{
	struct agent_fixture *fixture = begin(state);

	configure(fixture, "telemetry.events",
		  "\"inflight\":4,\"batch\":{\"max_events\":10,\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "before", 50);
	agent_await_queue(fixture, rows, 0);
	agent_record(fixture, "during", 200);
	test_clickhouse_kill(&server);
	agent_record(fixture, "after", 50);
	agent_await_log(fixture, "kind=offline");
	test_clickhouse_restart(&server);
	agent_await_queue(fixture, rows, 0);
	ask("SELECT name, events FROM telemetry.by_name ORDER BY name",
	    "after\t50\nbefore\t50\nduring\t200");
	assert_int_equal(test_clickhouse_number(&server, once), 300);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 0);
}

/* ---- refusals ---- */

static void a_missing_table_pauses_with_its_name_until_somebody_makes_it(void **state)
{
	struct agent_fixture *fixture = begin(state);

	free(test_clickhouse_ask(&server, "DROP TABLE IF EXISTS telemetry.later"));
	configure(fixture, "telemetry.later", "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 20);
	agent_await_queue(fixture, "SELECT paused FROM sink", 1);
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"kind\":\"setup\""));
	assert_true(agent_says(fixture, "GET", "/status", 200,
			       "ClickHouse code 60, UNKNOWN_TABLE: Table telemetry.later"));
	assert_int_equal(agent_ask_queue(fixture, rows), 20);
	free(test_clickhouse_ask(&server, "CREATE TABLE telemetry.later AS telemetry.events"));
	assert_true(agent_says(fixture, "POST", "/reload", 200, "\"reloaded\":true"));
	agent_await_queue(fixture, rows, 0);
	ask("SELECT uniqExact(event_id) FROM telemetry.later", "20");
	ask("DROP TABLE telemetry.later", "");
}

static void a_wrong_password_pauses_and_the_right_one_delivers(void **state)
{
	struct agent_fixture *fixture = begin(state);

	write_password(fixture, "wrong\n");
	configure(fixture, "telemetry.events",
		  "\"user\":\"writer\",\"password\":\"file:password\","
		  "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 20);
	agent_await_queue(fixture, "SELECT paused FROM sink", 1);
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"kind\":\"credentials\""));
	assert_true(agent_says(fixture, "GET", "/status", 200,
			       "WRONG_PASSWORD: Wrong password for user writer"));
	assert_null(strstr(test_process_errors(fixture->agent), "wrong\\n"));
	assert_int_equal(agent_ask_queue(fixture, rows), 20);
	write_password(fixture, "right\n");
	assert_true(agent_says(fixture, "POST", "/reload", 200, "\"reloaded\":true"));
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_clickhouse_number(&server, once), 20);
}

/* A column of a fixed size takes no longer value: ClickHouse refuses the whole insert, and does not
 * say for which row. */
static void an_event_that_the_table_refuses_is_found_and_buried_alone(void **state)
{
	struct agent_fixture *fixture = begin(state);

	free(test_clickhouse_ask(&server, "DROP TABLE IF EXISTS telemetry.narrow"));
	free(test_clickhouse_ask(
		&server,
		"CREATE TABLE telemetry.narrow (event_id UUID, name FixedString(8), ts DateTime, "
		"ts_us Int64, severity String, service String, version String, session UUID, seq "
		"UInt64, user_bucket UInt16, ci UInt8, traceparent String, properties String) "
		"ENGINE = MergeTree ORDER BY ts_us"));
	configure(fixture, "telemetry.narrow", "\"batch\":{\"max_wait\":\"1h\"}");
	agent_start(fixture);
	agent_record(fixture, "fine", 1); /* so that the setup is above suspicion */
	assert_int_equal(flightrec_flush(fixture->recorder, TEST_PATIENCE_MS), FLIGHTREC_OK);
	agent_record(fixture, "fine", 40);
	agent_record(fixture, "too_long_for_it", 1);
	agent_record(fixture, "fine", 59);
	agent_await_queue(fixture, rows, 0);
	ask("SELECT count(), uniqExact(event_id) FROM telemetry.narrow", "100\t100");
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 1);
	assert_int_equal(agent_ask_queue(fixture,
					 "SELECT count(*) FROM dead_letters WHERE name = "
					 "'too_long_for_it' AND reason LIKE '%ClickHouse code 131, "
					 "TOO_LARGE_STRING_SIZE%'"),
			 1);
	ask("DROP TABLE telemetry.narrow", "");
}

static void what_is_no_clickhouse_is_told_so_and_nothing_is_sent_to_it(void **state)
{
	struct agent_fixture *fixture = begin(state);

	/* the intake, which answers 400 to a question */
	agent_configure(fixture,
			"{\"sinks\":[{\"name\":\"warehouse\",\"type\":\"clickhouse\",\"url\":"
			"\"http://127.0.0.1:PORT/v1/events\",\"table\":\"t\",\"events\":[\"*\"],"
			"\"batch\":{\"max_wait\":\"0s\"}}]}");
	agent_start(fixture);
	agent_record(fixture, "e", 20);
	agent_await_queue(fixture, "SELECT paused FROM sink", 1);
	assert_int_equal(agent_ask_queue(fixture, rows), 20);
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"kind\":\"endpoint\""));
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM dead_letter"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 0);
}

/* ---- the shipped questions ---- */

/* n = -30 ln(1 - k/30), worked out elsewhere. */
static void affected_users_are_estimated_from_buckets_as_far_as_that_is_honest(void **state)
{
	static const struct {
		unsigned buckets;
		const char *users;
	} rows_expected[] = {{1, "1"},     {2, "2"},     {5, "5"},    {10, "12"},
			     {15, "21"},   {20, "33"},   {24, "48"},  {25, "54"},
			     {26, "> 60"}, {29, "> 60"}, {30, "> 60"}};
	char sql[512], expected[64];

	(void)begin(state);
	for (size_t i = 0; i < sizeof rows_expected / sizeof rows_expected[0]; i++) {
		(void)snprintf(
			sql, sizeof sql,
			"INSERT INTO telemetry.events (event_id, name, ts, ts_us, "
			"user_bucket) SELECT generateUUIDv4(), 'k%u', toDateTime('2026-11-22 "
			"08:35:00', 'UTC'), number, number %% %u FROM system.numbers LIMIT "
			"100",
			rows_expected[i].buckets, rows_expected[i].buckets);
		free(test_clickhouse_ask(&server, sql));
		(void)snprintf(
			sql, sizeof sql,
			"SELECT day, buckets, users FROM telemetry.affected_users WHERE name "
			"= 'k%u'",
			rows_expected[i].buckets);
		(void)snprintf(expected, sizeof expected, "2026-11-22\t%u\t%s",
			       rows_expected[i].buckets, rows_expected[i].users);
		ask(sql, expected);
	}
}

static void what_is_missing_of_a_session_is_counted(void **state)
{
	(void)begin(state);
	free(test_clickhouse_ask(
		&server,
		"INSERT INTO telemetry.events (event_id, name, ts, ts_us, session, seq) SELECT "
		"generateUUIDv4(), 'e', toDateTime('2026-11-22 08:35:00', 'UTC'), number, "
		"toUUID(concat('0193524e-0000-7000-8000-00000000000', toString(number % 2))), "
		"intDiv(number, 2) FROM system.numbers WHERE number NOT IN (6, 10) LIMIT 38"));
	ask("SELECT session, recorded, arrived, missing FROM telemetry.gaps",
	    "0193524e-0000-7000-8000-000000000000\t20\t18\t2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(a_thousand_events_arrive_with_every_value_exact),
		AGENT_TEST(every_column_holds_what_was_recorded),
		AGENT_TEST(a_time_beyond_the_columns_end_does_not_wrap_around),
		AGENT_TEST(the_same_batch_sent_twice_is_counted_once_without_optimize),
		AGENT_TEST(this_release_is_asked_because_it_refuses_what_it_does_not_know),
		AGENT_TEST(a_batch_whose_answer_was_lost_with_the_agent_is_counted_once),
		AGENT_TEST(
			a_server_that_dies_and_comes_back_loses_nothing_and_counts_nothing_twice),
		AGENT_TEST(a_missing_table_pauses_with_its_name_until_somebody_makes_it),
		AGENT_TEST(a_wrong_password_pauses_and_the_right_one_delivers),
		AGENT_TEST(an_event_that_the_table_refuses_is_found_and_buried_alone),
		AGENT_TEST(what_is_no_clickhouse_is_told_so_and_nothing_is_sent_to_it),
		AGENT_TEST(affected_users_are_estimated_from_buckets_as_far_as_that_is_honest),
		AGENT_TEST(what_is_missing_of_a_session_is_counted),
	};

	return cmocka_run_group_tests(tests, server_open, server_close);
}

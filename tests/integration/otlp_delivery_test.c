/* The sinks otlp and ndjson, from a record call to what the intake received, and what becomes of an
 * event when a collector answers as collectors do. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"

static const char rows[] = "SELECT count(*) FROM pending";

/* So many events at once, and all of them in one batch. */
static void record_before_the_agent_starts(struct agent_fixture *fixture, const char *type,
					   const char *path, int count)
{
	char json[1024];

	(void)snprintf(json, sizeof json,
		       "{\"limits\":{\"burst\":0},\"sinks\":[{\"name\":\"main\",\"type\":\"%s\","
		       "\"url\":\"http://127.0.0.1:PORT%s\",\"events\":[\"*\"],\"batch\":"
		       "{\"max_wait\":\"0s\"},\"retry\":{\"initial\":\"100ms\",\"max\":\"1s\"}}]}",
		       type, path);
	agent_configure(fixture, json);
	agent_record(fixture, "tool_use_error", count);
}

static long long booked(const struct agent_fixture *fixture, const char *kind)
{
	char sql[256];

	(void)snprintf(sql, sizeof sql,
		       "SELECT coalesce(sum(events), 0) FROM ledger_entry WHERE kind = '%s'", kind);
	return agent_ask_queue(fixture, sql);
}

static char *received(const struct agent_fixture *fixture, int request, const char *part)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/requests/%d/%s", request, part);
	return test_intake_get(&fixture->intake, path);
}

/* ---- otlp ---- */

static void a_collector_gets_every_event_once(void **state)
{
	struct agent_fixture *fixture = *state;
	char *body, *headers;

	record_before_the_agent_starts(fixture, "otlp", "", 250);
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", 250);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 3);
	assert_int_equal(test_intake_stat(&fixture->intake, "/v1/logs"), 3);
	assert_int_equal(test_intake_stat(&fixture->intake, "tool_use_error"), 250);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 250);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
	assert_int_equal(booked(fixture, "delivered"), 250);
	headers = received(fixture, 1, "headers");
	assert_non_null(strstr(headers, "Content-Type: application/json"));
	assert_non_null(strstr(headers, "Content-Encoding: gzip"));
	assert_null(strstr(headers, "traceparent"));
	body = received(fixture, 1, "body");
	assert_ptr_equal(strstr(body, "{\"resourceLogs\":[{\"resource\":{\"attributes\":["), body);
	assert_non_null(strstr(body, "{\"key\":\"host.arch\",\"value\":{\"stringValue\":\""));
	assert_non_null(strstr(body, "{\"key\":\"n\",\"value\":{\"intValue\":\"99\"}}"));
	free(headers);
	free(body);
}

static void an_answer_that_is_lost_brings_the_same_bytes_again(void **state)
{
	struct agent_fixture *fixture = *state;
	char *first, *second;

	record_before_the_agent_starts(fixture, "otlp", "", 10);
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"drop-after\",\"accept\":true,\"count\":1}");
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", 20);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 10);
	first = received(fixture, 1, "body");
	second = received(fixture, 2, "body");
	assert_string_equal(first, second);
	assert_int_equal(booked(fixture, "delivered"), 10);
	free(first);
	free(second);
}

static void a_partial_success_is_booked_and_never_sent_again(void **state)
{
	struct agent_fixture *fixture = *state;

	record_before_the_agent_starts(fixture, "otlp", "", 7);
	agent_record(fixture, "unwelcome", 3);
	test_intake_fail(&fixture->intake, "{\"fault\":\"reject\",\"name\":\"unwelcome\"}");
	agent_start(fixture);
	agent_await_intake(fixture, "requests", 1);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(booked(fixture, "delivered"), 7);
	assert_int_equal(booked(fixture, "dead"), 3);
	agent_record(fixture, "tool_use_error", 1);
	agent_await_intake(fixture, "requests", 2);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 8);
	assert_int_equal(booked(fixture, "delivered"), 8);
	assert_int_equal(booked(fixture, "dead"), 3);
}

static void what_otlp_forbids_to_retry_becomes_dead_letters(void **state)
{
	struct agent_fixture *fixture = *state;

	record_before_the_agent_starts(fixture, "otlp", "", 5);
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":500,\"count\":1}");
	agent_start(fixture);
	agent_await_intake(fixture, "requests", 1);
	agent_await_queue(fixture,
			  "SELECT coalesce(sum(events), 0) FROM ledger_entry"
			  " WHERE kind = 'dead'",
			  5);
	agent_record(fixture, "tool_use_error", 4);
	agent_await_queue(fixture,
			  "SELECT coalesce(sum(events), 0) FROM ledger_entry"
			  " WHERE kind = 'delivered'",
			  4);
	assert_int_equal(booked(fixture, "dead"), 5);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 4);
}

static void what_otlp_has_tried_again_is_tried_again(void **state)
{
	struct agent_fixture *fixture = *state;

	record_before_the_agent_starts(fixture, "otlp", "", 5);
	test_intake_fail(&fixture->intake,
			 "[{\"fault\":\"status\",\"status\":502,\"count\":1},"
			 "{\"fault\":\"status\",\"status\":503,\"retry_after\":\"1\",\"count\":1},"
			 "{\"fault\":\"status\",\"status\":504,\"count\":1}]");
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 4);
	assert_int_equal(booked(fixture, "delivered"), 5);
	assert_int_equal(booked(fixture, "dead"), 0);
}

static void the_environment_says_where_the_collector_is(void **state)
{
	struct agent_fixture *fixture = *state;
	char variable[128];

	(void)snprintf(variable, sizeof variable,
		       "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:%d/team/",
		       fixture->intake.port);
	fixture->variable = variable;
	agent_configure(fixture, "{\"sinks\":[{\"name\":\"main\",\"type\":\"otlp\",\"events\":"
				 "[\"*\"],\"batch\":{\"max_wait\":\"0s\"}}]}");
	agent_start(fixture);
	agent_record(fixture, "tool_use_error", 1);
	agent_await_intake(fixture, "/team/v1/logs", 1);
	agent_await_queue(fixture, rows, 0);
}

/* ---- ndjson ---- */

static void an_ndjson_receiver_gets_every_event_once_with_a_key(void **state)
{
	struct agent_fixture *fixture = *state;
	char *body, *headers;

	record_before_the_agent_starts(fixture, "ndjson", "/in/ndjson", 120);
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", 120);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "/in/ndjson"), 2);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 120);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
	assert_int_equal(booked(fixture, "delivered"), 120);
	headers = received(fixture, 1, "headers");
	assert_non_null(strstr(headers, "Content-Type: application/x-ndjson"));
	assert_non_null(strstr(headers, "Idempotency-Key: \""));
	body = received(fixture, 1, "body");
	assert_ptr_equal(strstr(body, "{\"eventId\":\""), body);
	assert_int_equal(body[strlen(body) - 1], '\n');
	free(headers);
	free(body);
}

/* ---- both ---- */

static char *preview(const struct agent_fixture *fixture)
{
	const char *argv[] = {FLIGHTREC_CLI, "--home", fixture->home, "--config", fixture->config,
			      "preview",     "--sink", "main",        "--body",   NULL};
	const char *environment[] = {"HOME=/nonexistent", NULL};
	const struct test_program program = {.argv = argv, .environment = environment};
	struct test_process *process = test_process_run(&program);
	char *body = strdup(test_process_output(process));

	if (test_process_wait(process, 0) != 0)
		fail_msg("preview: %s", test_process_errors(process));
	test_process_free(process);
	assert_non_null(body);
	return body;
}

/* The agent meets the sink and is stopped while the server is away; so the batch is final. */
static void expect_preview(struct agent_fixture *fixture, const char *type, const char *path)
{
	char *previewed, *body;

	record_before_the_agent_starts(fixture, type, path, 5);
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":503}");
	agent_start(fixture);
	agent_await_intake(fixture, "requests", 1);
	assert_int_equal(agent_stop(fixture), 0);
	test_intake_heal(&fixture->intake);
	previewed = preview(fixture);
	body = received(fixture, 1, "body");
	assert_string_equal(body, previewed);
	free(previewed);
	free(body);
}

static void preview_shows_an_otlp_body_to_the_byte(void **state)
{
	expect_preview(*state, "otlp", "");
}

static void preview_shows_an_ndjson_body_to_the_byte(void **state)
{
	expect_preview(*state, "ndjson", "/ndjson");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(a_collector_gets_every_event_once),
		AGENT_TEST(an_answer_that_is_lost_brings_the_same_bytes_again),
		AGENT_TEST(a_partial_success_is_booked_and_never_sent_again),
		AGENT_TEST(what_otlp_forbids_to_retry_becomes_dead_letters),
		AGENT_TEST(what_otlp_has_tried_again_is_tried_again),
		AGENT_TEST(the_environment_says_where_the_collector_is),
		AGENT_TEST(an_ndjson_receiver_gets_every_event_once_with_a_key),
		AGENT_TEST(preview_shows_an_otlp_body_to_the_byte),
		AGENT_TEST(preview_shows_an_ndjson_body_to_the_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* GET /metrics, read as Prometheus reads it. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"

static const char rows[] = "SELECT count(*) FROM pending";

static char *metrics_read(const struct agent_fixture *fixture)
{
	struct test_answer answer;
	char *text;

	agent_call(fixture, "GET", "/metrics", 200, &answer);
	assert_non_null(strstr(answer.head, "text/plain; version=0.0.4; charset=utf-8"));
	text = strdup(answer.body);
	assert_non_null(text);
	test_answer_fini(&answer);
	return text;
}

/* The number behind "name{labels} " at the beginning of a line; -1: there is no such line. */
static long long metric_of(const char *text, const char *series)
{
	size_t length = strlen(series);

	for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, series, length) == 0 && at[length] == ' ')
			return strtoll(at + length + 1, NULL, 10);
	}
	return -1;
}

static long long metric(const struct agent_fixture *fixture, const char *series)
{
	char *text = metrics_read(fixture);
	long long number = metric_of(text, series);

	free(text);
	return number;
}

/* promtool's verdict on what the agent says, as Prometheus' own parser reads it. */
static void promtool_check(struct agent_fixture *fixture, const char *text)
{
	const char *const argv[] = {
		"sh", "-c", "command -v promtool >&2 || exit 77; promtool check metrics", NULL};
	struct test_process *process = test_process_run(&(struct test_program){
		.argv = argv, .folder = fixture->folder.path, .input = text});
	int code = test_process_wait(process, TEST_PATIENCE_MS);
	bool is_there = code != 77;

	if (is_there && code != 0)
		fail_msg("promtool: %s%s\n%s", test_process_output(process),
			 test_process_errors(process), text);
	test_process_free(process);
	if (!is_there)
		skip(); /* promtool is not installed */
}

static void two_sinks_configure(struct agent_fixture *fixture)
{
	agent_configure(fixture,
			"{\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\",\"url\":"
			"\"http://127.0.0.1:PORT/v1/events\",\"events\":[\"e\"],\"batch\":"
			"{\"max_wait\":\"0s\"}},{\"name\":\"locked\",\"type\":\"first_party\","
			"\"url\":\"http://127.0.0.1:PORT/locked/v1/events\",\"events\":[\"*\"],"
			"\"batch\":{\"max_wait\":\"0s\"}}]}");
}

static void what_it_says_is_good_prometheus(void **state)
{
	struct agent_fixture *fixture = *state;
	char *text;

	two_sinks_configure(fixture);
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"status\",\"status\":401,\"path\":\"/locked/v1/events\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 7);
	agent_record(fixture, "other", 3);
	agent_await_queue(fixture, "SELECT count(*) FROM sink WHERE paused = 1", 1);
	agent_await_queue(fixture,
			  "SELECT events FROM ledger_entry l JOIN sink s ON s.id = l.sink "
			  "WHERE s.name = 'main' AND l.kind = 'delivered'",
			  7);
	text = metrics_read(fixture);
	promtool_check(fixture, text);
	free(text);
}

static void the_books_are_told_sink_by_sink(void **state)
{
	struct agent_fixture *fixture = *state;
	char *text;

	two_sinks_configure(fixture);
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"status\",\"status\":401,\"path\":\"/locked/v1/events\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 7);
	agent_record(fixture, "other", 3);
	agent_await_queue(fixture, "SELECT count(*) FROM sink WHERE paused = 1", 1);
	agent_await_queue(fixture,
			  "SELECT sum(events) FROM ledger_entry l JOIN sink s ON s.id = l.sink "
			  "WHERE s.name = 'main'",
			  10);
	text = metrics_read(fixture);
	assert_int_equal(metric_of(text, "flightrec_queue_up"), 1);
	assert_int_equal(metric_of(text, "flightrec_queue_recorded_events_total"), 10);
	assert_int_equal(metric_of(text, "flightrec_queue_max_bytes"), 64 * 1024 * 1024);
	assert_int_equal(metric_of(text, "flightrec_sink_committed_events_total{sink=\"main\"}"),
			 10);
	assert_int_equal(metric_of(text, "flightrec_sink_delivered_events_total{sink=\"main\"}"),
			 7);
	assert_int_equal(metric_of(text, "flightrec_sink_unwanted_events_total{sink=\"main\"}"), 3);
	assert_int_equal(metric_of(text, "flightrec_sink_queued_events{sink=\"main\"}"), 0);
	assert_int_equal(metric_of(text, "flightrec_sink_queued_events{sink=\"locked\"}"), 10);
	assert_int_equal(metric_of(text, "flightrec_sink_paused{sink=\"locked\"}"), 1);
	assert_int_equal(metric_of(text, "flightrec_sink_paused{sink=\"main\"}"), 0);
	assert_true(metric_of(text, "flightrec_sink_answers_total{sink=\"locked\",class=\"4xx\"}") >
		    0);
	assert_true(metric_of(text, "flightrec_sink_answers_total{sink=\"main\",class=\"2xx\"}") >
		    0);
	assert_true(
		metric_of(text, "flightrec_sink_next_attempt_timestamp_seconds{sink=\"locked\"}") >
		1700000000);
	assert_int_equal(
		metric_of(text, "flightrec_sink_next_attempt_timestamp_seconds{sink=\"main\"}"),
		-1);
	assert_true(metric_of(text, "process_start_time_seconds") > 1700000000);
	free(text);
}

static void counters_of_the_books_never_fall_not_even_over_restarts(void **state)
{
	static const char delivered[] = "flightrec_sink_delivered_events_total{sink=\"main\"}";
	struct agent_fixture *fixture = *state;
	long long last = 0;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	for (int i = 1; i <= 4; i++) {
		agent_start(fixture);
		assert_true(metric(fixture, delivered) >= last);
		agent_record(fixture, "e", 25);
		agent_await_queue(fixture, rows, 0);
		last = metric(fixture, delivered);
		assert_int_equal(last, 25 * i);
		if (i % 2 == 0)
			agent_kill(fixture);
		else
			assert_int_equal(agent_stop(fixture), 0);
	}
}

static void what_is_dropped_is_told_with_its_reason(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure(fixture,
			"{\"queue\":{\"max_bytes\":\"1MiB\",\"max_event_bytes\":\"16KiB\"},"
			"\"limits\":{\"burst\":0},\"sinks\":[{\"name\":\"main\","
			"\"type\":\"first_party\",\"url\":\"http://127.0.0.1:PORT/v1/"
			"events\",\"events\":[\"*\"]}]}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":500}");
	agent_start(fixture);
	agent_record(fixture, "e", 9000);
	assert_true(metric(fixture, "flightrec_sink_dropped_events_total{sink=\"main\",reason="
				    "\"full\"}") > 0);
}

static void without_a_queue_the_agent_still_tells_of_itself(void **state)
{
	struct agent_fixture *fixture = *state;
	char *text;

	agent_configure(fixture, "{}");
	agent_start(fixture);
	agent_choose(fixture, "off");
	assert_true(agent_says(fixture, "POST", "/flush", 200, "done"));
	text = metrics_read(fixture);
	assert_int_equal(metric_of(text, "flightrec_queue_up"), 0);
	assert_int_equal(metric_of(text, "flightrec_agent_state{state=\"resting\"}"), 1);
	assert_int_equal(metric_of(text, "flightrec_consent{level=\"off\"}"), 1);
	promtool_check(fixture, text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(what_it_says_is_good_prometheus),
		AGENT_TEST(the_books_are_told_sink_by_sink),
		AGENT_TEST(counters_of_the_books_never_fall_not_even_over_restarts),
		AGENT_TEST(what_is_dropped_is_told_with_its_reason),
		AGENT_TEST(without_a_queue_the_agent_still_tells_of_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Reloading while events come and go: nothing is lost, nothing is doubled, every sink keeps its
 * place. */
#include "support/test.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent_fixture.h"

static const char rows[] = "SELECT count(*) FROM pending";

/* ---- a host that never stops ---- */

struct host {
	const struct agent_fixture *fixture;
	pthread_t thread;
	atomic_bool is_told_to_stop;
	int recorded;
	int failures;
};

static void *host_run(void *context)
{
	struct host *host = context;
	flightrec_options *options = flightrec_options_new();
	flightrec *recorder = NULL;

	flightrec_options_set_home(options, host->fixture->home);
	flightrec_options_set_config(options, host->fixture->config);
	flightrec_options_set_durability(options, FLIGHTREC_PROCESS);
	flightrec_options_set_busy_timeout(options, 10000);
	if (flightrec_open(&recorder, options) != FLIGHTREC_OK)
		host->failures++;
	while (!atomic_load(&host->is_told_to_stop)) {
		if (flightrec_record(recorder, "e", "{\"of\":\"the host\"}") == FLIGHTREC_OK)
			host->recorded++;
		else
			host->failures++;
		test_sleep_ms(1);
	}
	flightrec_close(recorder);
	return NULL;
}

static void host_start(struct host *host, const struct agent_fixture *fixture)
{
	*host = (struct host){.fixture = fixture};
	assert_int_equal(pthread_create(&host->thread, NULL, host_run, host), 0);
}

/* How many events it committed. */
static int host_stop(struct host *host)
{
	atomic_store(&host->is_told_to_stop, true);
	assert_int_equal(pthread_join(host->thread, NULL), 0);
	assert_int_equal(host->failures, 0);
	assert_true(host->recorded > 0);
	return host->recorded;
}

/* ---- configs ---- */

/* The same sink, each time set up a little differently; every third time with another beside it. */
static void config_write(struct agent_fixture *fixture, int round)
{
	static const char *const settings[] = {
		"\"batch\":{\"max_wait\":\"0s\",\"max_events\":100}",
		"\"batch\":{\"max_wait\":\"5ms\",\"max_events\":7},\"compression\":\"none\"",
		"\"batch\":{\"max_wait\":\"0s\"},\"headers\":{\"X-Round\":\"another\"},"
		"\"inflight\":4",
		"\"batch\":{\"max_wait\":\"20ms\",\"max_bytes\":\"2KiB\"},\"inflight\":1",
	};
	char json[2048];

	(void)snprintf(json, sizeof json,
		       "{\"limits\":{\"burst\":0},\"sinks\":[{\"name\":\"main\",\"type\":"
		       "\"first_party\",\"url\":\"http://127.0.0.1:PORT/%sv1/events\","
		       "\"events\":[\"*\"],%s}%s]}",
		       round % 2 == 0 ? "" : "moved/", settings[round % 4],
		       round % 3 != 2 ? ""
				      : ",{\"name\":\"beside\",\"type\":\"file\",\"path\":"
					"\"beside.ndjson\",\"events\":[\"*\"],\"batch\":"
					"{\"max_wait\":\"0s\"}}");
	agent_configure(fixture, json);
}

static long long booked(const struct agent_fixture *fixture, const char *sink, const char *kind)
{
	char sql[512];

	(void)snprintf(sql, sizeof sql,
		       "SELECT coalesce(sum(events), 0) FROM ledger_entry l JOIN sink s ON s.id = "
		       "l.sink WHERE s.name = '%s' AND l.kind = '%s'",
		       sink, kind);
	return agent_ask_queue(fixture, sql);
}

static void await_empty(const struct agent_fixture *fixture)
{
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=60000", 200, "\"done\":true"));
	agent_await_queue(fixture, rows, 0);
}

/* ---- tests ---- */

static void ten_reloads_under_traffic_lose_and_double_nothing(void **state)
{
	struct agent_fixture *fixture = *state;
	struct host host;
	int events;

	config_write(fixture, 0);
	test_intake_fail(&fixture->intake, "{\"fault\":\"delay\",\"delay\":\"20ms\"}");
	agent_start(fixture);
	host_start(&host, fixture);
	for (int round = 1; round <= 10; round++) {
		test_sleep_ms(40);
		config_write(fixture, round);
		if (round % 4 == 0)
			test_process_signal(fixture->agent, SIGHUP);
		else
			assert_true(
				agent_says(fixture, "POST", "/reload", 200, "{\"reloaded\":true}"));
	}
	events = host_stop(&host);
	await_empty(fixture);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), events);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
	assert_int_equal(booked(fixture, "main", "delivered"), events);
	assert_int_equal(booked(fixture, "main", "dropped"), 0);
	assert_int_equal(booked(fixture, "main", "dead"), 0);
	if (test_intake_stat(&fixture->intake, "replayed_batches") == 0)
		assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), events);
}

static void a_request_that_a_reload_cuts_off_goes_again_as_the_same_bytes(void **state)
{
	struct agent_fixture *fixture = *state;

	config_write(fixture, 0);
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\",\"accept\":1,\"count\":1}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_intake(fixture, "requests", 1);
	config_write(fixture, 2);
	assert_true(agent_says(fixture, "POST", "/reload", 200, "{\"reloaded\":true}"));
	await_empty(fixture);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 10);
	assert_true(test_intake_stat(&fixture->intake, "replayed_batches") > 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
	assert_int_equal(booked(fixture, "main", "delivered"), 10);
}

static void a_sink_that_is_removed_lets_go_of_its_rows_and_says_so(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure(fixture,
			"{\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\",\"url\":"
			"\"http://127.0.0.1:PORT/v1/events\",\"events\":[\"*\"],\"batch\":"
			"{\"max_wait\":\"0s\"}},{\"name\":\"stuck\",\"type\":\"first_party\","
			"\"url\":\"http://127.0.0.1:PORT/stuck/v1/events\",\"events\":[\"*\"],"
			"\"batch\":{\"max_wait\":\"0s\"}}]}");
	test_intake_fail(&fixture->intake,
			 "{\"fault\":\"status\",\"status\":401,\"path\":\"/stuck/v1/events\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 30);
	agent_await_queue(fixture, "SELECT count(*) FROM sink WHERE name = 'stuck' AND paused", 1);
	agent_await_intake(fixture, "events_received", 30);
	assert_int_equal(agent_ask_queue(fixture, rows), 30); /* held back by the one */
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	assert_true(agent_says(fixture, "POST", "/reload", 200, "{\"reloaded\":true}"));
	agent_await_queue(fixture, rows, 0);
	agent_record(fixture, "e", 5);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(booked(fixture, "stuck", "dropped"), 30);
	assert_int_equal(booked(fixture, "main", "delivered"), 35);
	assert_int_equal(booked(fixture, "main", "dropped"), 0);
}

static void a_sink_that_is_added_starts_with_what_is_queued(void **state)
{
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX + 32];
	size_t length = 0;
	int lines = 0;
	char *text;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 25);
	agent_configure(fixture, "{\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\",\"url\":"
				 "\"http://127.0.0.1:PORT/v1/events\",\"events\":[\"*\"]},"
				 "{\"name\":\"late\",\"type\":\"file\",\"path\":\"late.ndjson\","
				 "\"events\":[\"*\"],\"batch\":{\"max_wait\":\"0s\"}}]}");
	assert_true(agent_says(fixture, "POST", "/reload", 200, "{\"reloaded\":true}"));
	await_empty(fixture);
	assert_int_equal(booked(fixture, "late", "delivered"), 25);
	(void)snprintf(path, sizeof path, "%s/late.ndjson", fixture->home);
	text = test_file_read(path, &length);
	assert_non_null(text);
	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	free(text);
	assert_int_equal(lines, 25);
}

static void a_flush_that_somebody_waits_for_outlives_a_reload(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_answer answer;
	char path[TEST_PATH_MAX + 16];
	int connection;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":503}");
	agent_start(fixture);
	agent_record(fixture, "e", 5);
	(void)snprintf(path, sizeof path, "%s/agent.sock", fixture->home);
	connection = test_connect_unix(path);
	assert_true(connection >= 0);
	assert_true(
		test_send_request(connection, "POST", "/flush?timeout_ms=60000", NULL, NULL, 0));
	agent_await_intake(fixture, "requests", 1);
	test_intake_heal(&fixture->intake);
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"2h\"}");
	assert_true(agent_says(fixture, "POST", "/reload", 200, "{\"reloaded\":true}"));
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	assert_string_equal(answer.body, "{\"done\":true}\n");
	test_answer_fini(&answer);
	(void)close(connection);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 5);
}

/* ---- a drain that is told to reload ---- */

static void drain_end(struct test_process *drain, int code)
{
	int ended = test_process_wait(drain, 3 * TEST_PATIENCE_MS);

	if (ended != code)
		print_error("%s", test_process_errors(drain));
	test_process_free(drain);
	assert_int_equal(ended, code);
}

static void a_drain_goes_on_after_a_reload_that_cuts_off_its_request(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_process *drain;

	config_write(fixture, 0);
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\",\"count\":1}");
	agent_record(fixture, "e", 10);
	drain = AGENT_LAUNCH(fixture, "--drain", "--timeout", "10m");
	agent_await_intake(fixture, "requests", 1);
	test_process_signal(drain, SIGHUP);
	drain_end(drain, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 10);
	assert_int_equal(booked(fixture, "main", "delivered"), 10);
}

static void a_drain_that_reloaded_still_ends_in_time(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_process *drain;

	agent_configure_one_sink(fixture, "\"retry\":{\"initial\":\"1500ms\",\"max\":\"1500ms\"},"
					  "\"timeout\":\"10m\"");
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":500,\"count\":1}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\"}");
	agent_record(fixture, "e", 10);
	drain = AGENT_LAUNCH(fixture, "--drain", "--timeout", "2s");
	agent_await_queue(fixture, "SELECT count(*) FROM sink WHERE attempts > 0", 1);
	test_process_signal(drain, SIGHUP); /* while nothing is under way */
	drain_end(drain, 75);
	test_intake_heal(&fixture->intake);
	assert_int_equal(agent_ask_queue(fixture, rows), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(ten_reloads_under_traffic_lose_and_double_nothing),
		AGENT_TEST(a_request_that_a_reload_cuts_off_goes_again_as_the_same_bytes),
		AGENT_TEST(a_sink_that_is_removed_lets_go_of_its_rows_and_says_so),
		AGENT_TEST(a_sink_that_is_added_starts_with_what_is_queued),
		AGENT_TEST(a_flush_that_somebody_waits_for_outlives_a_reload),
		AGENT_TEST(a_drain_goes_on_after_a_reload_that_cuts_off_its_request),
		AGENT_TEST(a_drain_that_reloaded_still_ends_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

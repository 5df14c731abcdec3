/* What goes wrong on the way, and that nothing is lost by it, sent too often, or waited for too
 * long. */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent_fixture.h"

static const char rows[] = "SELECT count(*) FROM pending";

static void a_server_that_fails_is_tried_again_until_it_recovers(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"},\"retry\":{\"initial\":"
					  "\"100ms\",\"max\":\"1s\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":500,\"count\":3}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_intake(fixture, "events_received", 10);
	agent_await_queue(fixture, rows, 0);
	assert_in_range(test_intake_stat(&fixture->intake, "requests"), 4, 20);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
}

static void the_wait_after_a_failure_survives_a_restart(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"},\"retry\":{\"initial\":"
					  "\"1h\",\"max\":\"1d\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":500}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_queue(fixture, "SELECT attempts FROM sink", 1);
	agent_kill(fixture);
	agent_start(fixture);
	agent_record(fixture, "e", 200);
	test_sleep_ms(500);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 1);
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"state\":\"waiting\""));
	/* a flush ends the wait */
	test_intake_heal(&fixture->intake);
	assert_int_equal(flightrec_flush(fixture->recorder, TEST_PATIENCE_MS), FLIGHTREC_OK);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 210);
}

static void what_the_server_asks_to_wait_is_waited_even_against_a_flush(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"},\"retry\":{\"initial\":"
					  "\"100ms\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":429,"
					   "\"retry_after\":\"3\",\"count\":1}");
	agent_start(fixture);
	agent_record(fixture, "e", 1);
	agent_await_queue(fixture, "SELECT attempts > 0 FROM sink", 1);
	assert_int_equal(flightrec_flush(fixture->recorder, 1500), FLIGHTREC_BUSY);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 1);
	agent_await_intake(fixture, "events_received", 1);
}

static void after_a_kill_the_same_batch_goes_out_again_as_the_same_bytes(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\",\"count\":1}");
	agent_record(fixture, "e", 100);
	agent_start(fixture);
	agent_await_intake(fixture, "requests", 1);
	agent_kill(fixture);
	agent_record(fixture, "later", 20);
	agent_start(fixture);
	agent_await_intake(fixture, "events_received", 120);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "replayed_batches"), 1);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "duplicate_events"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "gaps"), 0);
}

static void an_answer_that_was_lost_leads_to_one_replay_and_no_loss(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"},\"retry\":{\"initial\":"
					  "\"100ms\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"drop-after\",\"accept\":1,\"count\":1}");
	agent_record(fixture, "e", 30);
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 30);
	assert_int_equal(test_intake_stat(&fixture->intake, "replayed_batches"), 1);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
}

static void wrong_credentials_pause_the_sink_and_lose_nothing(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":403}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_queue(fixture, "SELECT paused FROM sink", 1);
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"kind\":\"credentials\""));
	/* nobody waits for a paused sink */
	assert_int_equal(flightrec_flush(fixture->recorder, TEST_PATIENCE_MS), FLIGHTREC_OK);
	assert_int_equal(agent_ask_queue(fixture, rows), 10);
	test_intake_heal(&fixture->intake);
	assert_true(agent_says(fixture, "POST", "/reload", 200, "\"reloaded\":true"));
	agent_await_intake(fixture, "events_received", 10);
	agent_await_queue(fixture, "SELECT paused FROM sink", 0);
}

static void a_missing_secret_pauses_its_sink_until_a_reload_finds_it(void **state)
{
	struct agent_fixture *fixture = *state;
	char json[TEST_PATH_MAX + 512];

	(void)snprintf(json, sizeof json,
		       "\"batch\":{\"max_wait\":\"0s\"},\"headers\":{\"Authorization\":"
		       "\"file:%s/token\"}",
		       fixture->folder.path);
	agent_configure_one_sink(fixture, json);
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	assert_true(agent_says(fixture, "GET", "/status", 200, "token"));
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"state\":\"paused\""));
	agent_await_queue(fixture, "SELECT paused FROM sink", 1);
	test_folder_write(&fixture->folder, "token", "Bearer abc\n");
	test_process_signal(fixture->agent, SIGHUP);
	agent_await_intake(fixture, "events_received", 10);
	agent_await_queue(fixture, rows, 0);
}

static void the_agent_ends_within_two_seconds_whatever_the_server_does(void **state)
{
	static const char *const faults[] = {"hang", "stall", "trickle", "endless-body"};
	struct agent_fixture *fixture = *state;
	char json[128];

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		long long start;
		int code;

		(void)snprintf(json, sizeof json, "{\"fault\":\"%s\",\"interval\":\"1s\"}",
			       faults[i]);
		if (strcmp(faults[i], "trickle") != 0)
			(void)snprintf(json, sizeof json, "{\"fault\":\"%s\"}", faults[i]);
		test_intake_fail(&fixture->intake, json);
		agent_record(fixture, "e", 5);
		agent_start(fixture);
		agent_await_log(fixture, "to=sending");
		test_sleep_ms(100);
		start = test_now_ms();
		code = agent_stop(fixture);
		assert_in_range(test_now_ms() - start, 0, 2000);
		assert_int_equal(code, 0);
		test_intake_heal(&fixture->intake);
	}
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 20);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
}

static void a_second_signal_ends_it_at_once(void **state)
{
	struct agent_fixture *fixture = *state;
	long long start;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\"}");
	agent_record(fixture, "e", 5);
	agent_start(fixture);
	agent_await_intake(fixture, "requests", 1);
	start = test_now_ms();
	test_process_signal(fixture->agent, SIGINT);
	agent_await_log(fixture, "to=stopping");
	test_process_signal(fixture->agent, SIGTERM);
	assert_int_equal(test_process_wait(fixture->agent, TEST_PATIENCE_MS), 0);
	assert_in_range(test_now_ms() - start, 0, 1000);
}

static void a_queue_that_was_moved_away_is_opened_anew(void **state)
{
	struct agent_fixture *fixture = *state;
	char from[TEST_PATH_MAX], to[TEST_PATH_MAX];
	static const char *const files[] = {"queue.db", "queue.db-wal", "queue.db-shm"};

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 1);
	agent_await_queue(fixture, rows, 0);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		(void)snprintf(from, sizeof from, "%.900s/%s", fixture->home, files[i]);
		(void)snprintf(to, sizeof to, "%.900s/%s", fixture->folder.path, files[i]);
		(void)rename(from, to);
	}
	agent_record(fixture, "e", 10);
	agent_await_intake(fixture, "events_received", 11);
	agent_await_log(fixture, "queue.moved");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(a_server_that_fails_is_tried_again_until_it_recovers),
		AGENT_TEST(the_wait_after_a_failure_survives_a_restart),
		AGENT_TEST(what_the_server_asks_to_wait_is_waited_even_against_a_flush),
		AGENT_TEST(after_a_kill_the_same_batch_goes_out_again_as_the_same_bytes),
		AGENT_TEST(an_answer_that_was_lost_leads_to_one_replay_and_no_loss),
		AGENT_TEST(wrong_credentials_pause_the_sink_and_lose_nothing),
		AGENT_TEST(a_missing_secret_pauses_its_sink_until_a_reload_finds_it),
		AGENT_TEST(the_agent_ends_within_two_seconds_whatever_the_server_does),
		AGENT_TEST(a_second_signal_ends_it_at_once),
		AGENT_TEST(a_queue_that_was_moved_away_is_opened_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

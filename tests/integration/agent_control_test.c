/* The control socket, reloading, and one agent per home. */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent_fixture.h"
#include "base/file.h"

static int control_connect(const struct agent_fixture *fixture)
{
	char path[TEST_PATH_MAX];
	int connection;

	assert_int_equal(fr_path_join(path, fixture->home, "agent.sock", NULL), FR_OK);
	connection = test_connect_unix(path);
	assert_true(connection >= 0);
	return connection;
}

static void it_says_that_it_is_well_and_how(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_answer answer;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	assert_true(agent_says(fixture, "GET", "/healthz", 200, "\"ok\":true"));
	agent_record(fixture, "e", 3);
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
	agent_call(fixture, "GET", "/status", 200, &answer);
	assert_int_equal(test_json_int(answer.body, "pid", -1), test_process_id(fixture->agent));
	assert_in_range(test_json_int(answer.body, "uptimeSeconds", -1), 0, 60);
	assert_int_equal(test_json_int(answer.body, "delivered", -1), 3);
	assert_in_range(test_json_int(answer.body, "ackedBatches", -1), 1, 3);
	assert_int_equal(test_json_int(answer.body, "failures", -1), 0);
	assert_int_equal(test_json_int(answer.body, "nextAttemptInMs", 0), -1);
	assert_non_null(strstr(answer.body, fixture->home));
	assert_non_null(strstr(answer.body, "\"state\":\"serving\""));
	assert_non_null(strstr(answer.body, "\"consent\":\"on\""));
	assert_non_null(strstr(answer.body, "\"name\":\"main\""));
	assert_non_null(strstr(answer.body, "\"type\":\"first_party\""));
	assert_non_null(strstr(answer.body, "\"state\":\"idle\""));
	test_answer_fini(&answer);
}

static void a_flush_answers_when_everything_is_delivered(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 150);
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=20000", 200, "{\"done\":true}"));
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 150);
	assert_true(agent_says(fixture, "POST", "/flush", 200, "{\"done\":true}"));
}

static void a_flush_answers_when_its_time_is_up(void **state)
{
	struct agent_fixture *fixture = *state;
	long long start;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	start = test_now_ms();
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=300", 200, "{\"done\":false}"));
	assert_in_range(test_now_ms() - start, 299, 5000);
}

static void a_flush_waits_for_an_attempt_that_will_come_in_time(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"drop-after\",\"count\":1}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=30000", 200, "{\"done\":true}"));
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 10);
}

static void a_flush_does_not_wait_for_what_may_not_come(void **state)
{
	struct agent_fixture *fixture = *state;
	long long start = test_now_ms();

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":401}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_queue(fixture, "SELECT paused FROM sink", 1);
	assert_true(
		agent_says(fixture, "POST", "/flush?timeout_ms=60000", 200, "{\"done\":false}"));
	assert_in_range(test_now_ms() - start, 0, TEST_PATIENCE_MS);
}

static void a_caller_who_hangs_up_harms_nobody(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\",\"count\":1}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	for (int i = 0; i < 20; i++) {
		int connection = control_connect(fixture);

		assert_true(test_send_request(connection, "POST", "/flush?timeout_ms=60000", NULL,
					      NULL, 0));
		test_sleep_ms(i);
		(void)close(connection);
	}
	assert_true(agent_says(fixture, "GET", "/healthz", 200, "serving"));
}

static void who_waits_is_answered_when_the_agent_ends(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_answer answer;
	int connection;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	connection = control_connect(fixture);
	assert_true(
		test_send_request(connection, "POST", "/flush?timeout_ms=60000", NULL, NULL, 0));
	agent_await_intake(fixture, "requests", 1);
	test_process_signal(fixture->agent, SIGTERM);
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	(void)close(connection);
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "{\"done\":false}\n");
	test_answer_fini(&answer);
	assert_int_equal(test_process_wait(fixture->agent, TEST_PATIENCE_MS), 0);
}

static void callers_who_hang_hold_up_nobody(void **state)
{
	static const char *const words[] = {
		"", "GET /hea",
		"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{",
		"POST /flush?timeout_ms=60000 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
		"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"};
	enum { CALLERS = sizeof words / sizeof words[0] };
	struct agent_fixture *fixture = *state;
	int callers[CALLERS];
	long long start;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = control_connect(fixture);
		assert_true(test_send_text(callers[i], words[i]));
	}
	assert_true(agent_says(fixture, "GET", "/healthz", 200, "serving"));
	start = test_now_ms();
	assert_int_equal(agent_stop(fixture), 0);
	assert_in_range(test_now_ms() - start, 0, 4000); /* two, and more on a crowded machine */
	for (int i = 0; i < CALLERS; i++)
		(void)close(callers[i]);
}

static void what_it_does_not_know_it_refuses(void **state)
{
	struct agent_fixture *fixture = *state;
	char long_header[40000];
	struct test_answer answer;
	int connection;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	assert_true(agent_says(fixture, "GET", "/nothing", 404, "error"));
	assert_true(agent_says(fixture, "GET", "/flush", 405, "error"));
	assert_true(agent_says(fixture, "POST", "/status", 405, "error"));
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=soon", 400, "timeout_ms"));
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=-1", 400, "timeout_ms"));
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=99999999999999999999", 400,
			       "timeout_ms"));
	memset(long_header, 'x', sizeof long_header);
	memcpy(long_header, "X-Long: ", 8);
	memcpy(long_header + sizeof long_header - 3, "\r\n", 3);
	connection = control_connect(fixture);
	(void)test_send_request(connection, "GET", "/healthz", long_header, NULL, 0);
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	(void)close(connection);
	assert_int_not_equal(answer.status, 200);
	test_answer_fini(&answer);
	connection = control_connect(fixture);
	(void)test_send_text(connection, "POST /flush HTTP/1.1\r\nHost: x\r\n"
					 "Content-Length: 100000000\r\n\r\nabc");
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	(void)close(connection);
	assert_int_equal(answer.status, 413);
	test_answer_fini(&answer);
	connection = control_connect(fixture);
	(void)test_send_text(connection, "this is \xff\xfe not HTTP\r\n\r\n");
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	(void)close(connection);
	assert_int_not_equal(answer.status, 200);
	test_answer_fini(&answer);
	assert_true(agent_says(fixture, "GET", "/healthz", 200, "serving"));
}

/* ---- reloading ---- */

static void a_good_config_takes_the_place_of_the_former_one(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure(fixture, "{}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	test_process_signal(fixture->agent, SIGHUP);
	agent_await_intake(fixture, "events_received", 10);
	agent_configure(fixture, "{\"sinks\":[{\"name\":\"second\",\"type\":\"first_party\","
				 "\"url\":\"http://127.0.0.1:PORT/second/v1/events\",\"events\":"
				 "[\"*\"],\"batch\":{\"max_wait\":\"0s\"}}]}");
	assert_true(agent_says(fixture, "POST", "/reload", 200, "{\"reloaded\":true}"));
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"name\":\"second\""));
	agent_record(fixture, "e", 5);
	agent_await_intake(fixture, "/second/v1/events", 1);
}

static void a_wrong_config_is_refused_and_the_former_one_stays(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_configure(fixture, "{\n\"sinks\": \"none\"}");
	assert_true(agent_says(fixture, "POST", "/reload", 422, "config.json:2"));
	test_process_signal(fixture->agent, SIGHUP);
	agent_await_log(fixture, "config.refused");
	agent_record(fixture, "e", 10);
	agent_await_intake(fixture, "events_received", 10);
}

static void a_reload_lets_the_request_under_way_finish(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"delay\",\"delay\":\"700ms\",\"count\":1}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_await_log(fixture, "to=sending");
	assert_true(agent_says(fixture, "POST", "/reload", 200, "{\"reloaded\":true}"));
	agent_await_queue(fixture, "SELECT count(*) FROM pending", 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "replayed_batches"), 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 10);
}

/* ---- one agent per home ---- */

static void a_second_agent_ends_at_once_and_says_who_holds_the_home(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_process *second;
	char expected[64];

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	(void)snprintf(expected, sizeof expected, "another agent (process %ld) already serves",
		       (long)test_process_id(fixture->agent));
	for (int i = 0; i < 2; i++) {
		second = i == 0 ? agent_launch(fixture, NULL) : AGENT_LAUNCH(fixture, "--drain");
		assert_int_equal(test_process_wait(second, TEST_PATIENCE_MS), 1);
		assert_non_null(strstr(test_process_errors(second), expected));
		assert_non_null(strstr(test_process_errors(second), fixture->home));
		test_process_free(second);
	}
	agent_record(fixture, "e", 1);
	agent_await_intake(fixture, "events_received", 1);
}

static void what_a_killed_agent_left_behind_is_no_obstacle(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	for (int i = 0; i < 3; i++) {
		agent_start(fixture);
		agent_kill(fixture);
	}
	agent_start(fixture);
	assert_true(agent_says(fixture, "GET", "/healthz", 200, "serving"));
}

static void its_files_are_the_owners_alone_and_its_sockets_go_with_it(void **state)
{
	static const char *const names[] = {"agent.lock", "agent.sock", "wake.sock", "queue.db",
					    "queue.lock"};
	struct agent_fixture *fixture = *state;
	char path[TEST_PATH_MAX];
	struct stat facts;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(fr_path_join(path, fixture->home, names[i], NULL), FR_OK);
		assert_int_equal(lstat(path, &facts), 0);
		assert_int_equal(facts.st_mode & 0777, 0600);
	}
	assert_int_equal(agent_stop(fixture), 0);
	for (size_t i = 1; i < 3; i++) {
		assert_int_equal(fr_path_join(path, fixture->home, names[i], NULL), FR_OK);
		assert_int_equal(lstat(path, &facts), -1);
	}
}

static void a_home_of_any_depth_has_its_sockets(void **state)
{
	struct agent_fixture *fixture = *state;
	size_t length;

	assert_int_equal(fr_path_join(fixture->home, fixture->folder.path,
				      "a-home-whose-name-alone-is-longer-than-any-address-of-a-"
				      "socket-may-be-so-that-it-is-reached-through-its-folder",
				      NULL),
			 FR_OK);
	length = strlen(fixture->home);
	assert_true(length > 108);
	agent_choose(fixture, "on");
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 3);
	assert_int_equal(flightrec_flush(fixture->recorder, TEST_PATIENCE_MS), FLIGHTREC_OK);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(it_says_that_it_is_well_and_how),
		AGENT_TEST(a_flush_answers_when_everything_is_delivered),
		AGENT_TEST(a_flush_answers_when_its_time_is_up),
		AGENT_TEST(a_flush_waits_for_an_attempt_that_will_come_in_time),
		AGENT_TEST(a_flush_does_not_wait_for_what_may_not_come),
		AGENT_TEST(a_caller_who_hangs_up_harms_nobody),
		AGENT_TEST(who_waits_is_answered_when_the_agent_ends),
		AGENT_TEST(callers_who_hang_hold_up_nobody),
		AGENT_TEST(what_it_does_not_know_it_refuses),
		AGENT_TEST(a_good_config_takes_the_place_of_the_former_one),
		AGENT_TEST(a_wrong_config_is_refused_and_the_former_one_stays),
		AGENT_TEST(a_reload_lets_the_request_under_way_finish),
		AGENT_TEST(a_second_agent_ends_at_once_and_says_who_holds_the_home),
		AGENT_TEST(what_a_killed_agent_left_behind_is_no_obstacle),
		AGENT_TEST(its_files_are_the_owners_alone_and_its_sockets_go_with_it),
		AGENT_TEST(a_home_of_any_depth_has_its_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

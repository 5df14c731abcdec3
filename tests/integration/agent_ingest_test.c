/* POST /v1/events: events of programs that cannot link the library. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_fixture.h"
#include "base/file.h"

static const char rows[] = "SELECT count(*) FROM pending";

static int control_connect(const struct agent_fixture *fixture)
{
	char path[TEST_PATH_MAX];
	int connection;

	assert_int_equal(fr_path_join(path, fixture->home, "agent.sock", NULL), FR_OK);
	connection = test_connect_unix(path);
	assert_true(connection >= 0);
	return connection;
}

/* Posts; the caller frees the answer. */
static void post_bytes(const struct agent_fixture *fixture, const char *headers, const char *body,
		       size_t length, struct test_answer *answer)
{
	int connection = control_connect(fixture);

	assert_true(test_send_request(connection, "POST", "/v1/events", headers, body, length));
	test_read_answer(connection, answer, TEST_PATIENCE_MS);
	(void)close(connection);
}

static void post(const struct agent_fixture *fixture, const char *headers, const char *body,
		 int status, const char *expected)
{
	struct test_answer answer;

	post_bytes(fixture, headers, body, strlen(body), &answer);
	if (answer.status != status || strstr(answer.body, expected) == NULL)
		fail_msg("%d %s instead of %d %s", answer.status, answer.body, status, expected);
	test_answer_fini(&answer);
}

/* An agent that keeps what it gets: nobody to deliver to. */
static void keeper_start(struct agent_fixture *fixture)
{
	agent_configure(fixture, "{\"service\":\"of-the-config\"}");
	agent_start(fixture);
}

static void lines_are_committed_before_the_answer(void **state)
{
	struct agent_fixture *fixture = *state;

	keeper_start(fixture);
	post(fixture, NULL,
	     "{\"eventName\":\"a\",\"n\":9007199254740993}\n\n"
	     "{\"eventName\":\"b\",\"severity\":\"error\"}\r\n{\"eventName\":\"c\"}",
	     200, "{\"accepted\":3,\"refused\":[]}\n");
	assert_int_equal(agent_ask_queue(fixture, rows), 3);
	agent_kill(fixture);
	assert_int_equal(agent_ask_queue(fixture, rows), 3);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM event WHERE name = 'a' AND "
						  "properties = '{\"n\":9007199254740993}'"),
			 1);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM event WHERE name = 'b' AND "
						  "severity = 'error'"),
			 1);
}

static void an_array_is_taken_like_lines(void **state)
{
	struct agent_fixture *fixture = *state;

	keeper_start(fixture);
	post(fixture, NULL,
	     " \n[{\"eventName\":\"a\",\"list\":[1,{\"x\":[]}]},\n {\"eventName\":\"b\"}]\n", 200,
	     "{\"accepted\":2,\"refused\":[]}");
	post(fixture, NULL, "[]", 200, "{\"accepted\":0,\"refused\":[]}");
	post(fixture, NULL, "[{\"eventName\":\"c\"},7,{\"eventName\":\"d\"}]", 200,
	     "{\"accepted\":2,\"refused\":[{\"event\":2,\"reason\":");
	assert_int_equal(agent_ask_queue(fixture, rows), 4);
}

static void a_broken_array_is_refused_before_anything_of_it_is_recorded(void **state)
{
	static const char *const broken[] = {
		"[{\"eventName\":\"a\"},{\"eventName\":\"b\"}", "[{\"eventName\":\"a\"}] x",
		"[{\"eventName\":\"a\"},]", "[{\"eventName\":\"a\"}{\"eventName\":\"b\"}]", "["};
	struct agent_fixture *fixture = *state;

	keeper_start(fixture);
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
		post(fixture, NULL, broken[i], 400, "the array of events: ");
	assert_int_equal(agent_ask_queue(fixture, rows), 0);
}

static void a_bad_line_is_named_and_the_others_are_taken(void **state)
{
	struct agent_fixture *fixture = *state;

	keeper_start(fixture);
	post(fixture, NULL,
	     "{\"eventName\":\"a\"}\n{\"eventName\":\"b\",}\n\n{\"eventName\":\"c\"}\nnonsense\n"
	     "{\"n\":1}\n",
	     200, "{\"accepted\":2,\"refused\":[{\"line\":2,\"reason\":");
	post(fixture, NULL, "{\"n\":1}\n", 200, "eventName");
	assert_int_equal(agent_ask_queue(fixture, rows), 2);
}

static void of_a_thousand_bad_lines_a_hundred_are_told_and_all_are_counted(void **state)
{
	struct agent_fixture *fixture = *state;
	char *body = calloc(1, 4001);

	assert_non_null(body);
	for (int i = 0; i < 1000; i++)
		memcpy(body + (size_t)i * 4, "bad\n", 4);
	keeper_start(fixture);
	post(fixture, NULL, body, 200, "],\"refusedTotal\":1000}");
	post(fixture, NULL, body, 200, "{\"line\":100,");
	free(body);
}

static void the_caller_says_whose_events_these_are(void **state)
{
	struct agent_fixture *fixture = *state;

	keeper_start(fixture);
	post(fixture, "Flightrec-Service: editor\r\nFlightrec-Version: 7.1\r\n",
	     "{\"eventName\":\"a\"}", 200, "\"accepted\":1");
	post(fixture, NULL, "{\"eventName\":\"b\"}", 200, "\"accepted\":1");
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM session WHERE service = "
						  "'editor' AND version = '7.1'"),
			 1);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM session WHERE service = "
						  "'of-the-config'"),
			 1);
}

/* ---- consent ---- */

static void the_callers_switches_only_take_away(void **state)
{
	static const char *const off[] = {"DNT: 1\r\n", "Flightrec-Consent: off\r\n",
					  "Flightrec-Consent: perhaps\r\n",
					  "Flightrec-Consent: on\r\nDNT: 1\r\n"};
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
		post(fixture, off[i], "{\"eventName\":\"no\"}", 403, "off");
	assert_int_equal(agent_ask_queue(fixture, rows), 0);
	post(fixture, "Flightrec-Consent: local\r\n", "{\"eventName\":\"kept\"}", 200,
	     "\"accepted\":1");
	post(fixture, "DNT: 0\r\nFlightrec-Consent: on\r\n", "{\"eventName\":\"sent\"}", 200,
	     "\"accepted\":1");
	agent_await_intake(fixture, "events_received", 1);
	agent_await_queue(fixture, rows, 1);
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM pending WHERE name = "
						  "'kept'"),
			 1);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 1);
}

static void under_off_nothing_is_taken_whatever_the_caller_says(void **state)
{
	struct agent_fixture *fixture = *state;

	keeper_start(fixture);
	agent_choose(fixture, "off");
	post(fixture, "Flightrec-Consent: on\r\n", "{\"eventName\":\"no\"}", 403, "off");
	agent_choose(fixture, "local");
	post(fixture, "Flightrec-Consent: on\r\n", "{\"eventName\":\"yes\"}", 200,
	     "\"accepted\":1");
	assert_int_equal(agent_ask_queue(fixture, "SELECT count(*) FROM event WHERE consent = "
						  "'local' AND name = 'yes'"),
			 1);
}

/* ---- sizes and half requests ---- */

static void half_a_body_records_nothing(void **state)
{
	struct agent_fixture *fixture = *state;
	int connection;

	keeper_start(fixture);
	connection = control_connect(fixture);
	assert_true(test_send_text(connection, "POST /v1/events HTTP/1.1\r\nHost: x\r\n"
					       "Content-Length: 1000\r\n\r\n"
					       "{\"eventName\":\"half\"}\n"));
	test_stop_sending(connection);
	test_sleep_ms(200);
	(void)close(connection);
	post(fixture, NULL, "{\"eventName\":\"whole\"}", 200, "\"accepted\":1");
	assert_int_equal(agent_ask_queue(fixture, rows), 1);
}

/* Lines of an event each, as many as fill so many bytes; the caller frees. */
static char *lines_make(size_t bytes, size_t *length, int *count)
{
	char *body = malloc(bytes + 1);

	assert_non_null(body);
	*length = 0;
	for (*count = 0; *length + 64 < bytes; ++*count)
		*length += (size_t)snprintf(body + *length, 64, "{\"eventName\":\"e\",\"n\":%d}\n",
					    *count);
	return body;
}

static void a_megabyte_is_taken_and_over_four_are_not(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_answer answer;
	int count, extra, connection;
	size_t length;
	char *body;

	keeper_start(fixture);
	body = lines_make((size_t)1024 * 1024, &length, &count);
	post_bytes(fixture, "Expect: 100-continue\r\n", body, length, &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(test_json_int(answer.body, "accepted", -1), count);
	assert_int_equal(agent_ask_queue(fixture, rows), count);
	test_answer_fini(&answer);
	free(body);
	body = lines_make((size_t)5 * 1024 * 1024, &length, &extra);
	connection = control_connect(fixture);
	(void)test_send_request(connection, "POST", "/v1/events", NULL, body, length);
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	(void)close(connection);
	assert_int_not_equal(answer.status, 200); /* 413, if it was read before the end */
	test_answer_fini(&answer);
	free(body);
	assert_int_equal(agent_ask_queue(fixture, rows), count);
	assert_true(agent_says(fixture, "GET", "/healthz", 200, "serving"));
}

static void an_event_that_is_too_large_is_named(void **state)
{
	struct agent_fixture *fixture = *state;
	char *body = malloc(70000);

	assert_non_null(body);
	memset(body, 'x', 70000);
	memcpy(body, "{\"eventName\":\"a\"}\n{\"eventName\":\"b\",\"t\":\"", 40);
	memcpy(body + 60000, "\"}\n{\"eventName\":\"c\"}\n", 22);
	keeper_start(fixture);
	post(fixture, NULL, body, 200, "{\"accepted\":2,\"refused\":[{\"line\":2,");
	free(body);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const char service[] = "Flightrec-Service: ";
	struct agent_fixture *fixture = *state;
	char headers[512];

	keeper_start(fixture);
	memset(headers, 's', 400);
	memcpy(headers, service, sizeof service - 1);
	memcpy(headers + 400, "\r\n", 3);
	post(fixture, headers, "{\"eventName\":\"a\"}", 400, "Flightrec-Service");
	assert_true(agent_says(fixture, "GET", "/v1/events", 405, "error"));
	post(fixture, NULL, "", 200, "{\"accepted\":0,\"refused\":[]}");
}

/* ---- many, and a crash ---- */

static void two_callers_at_once_and_a_host_lose_nothing(void **state)
{
	enum { ROUNDS = 20 };
	struct agent_fixture *fixture = *state;
	struct test_answer answer;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	for (int i = 0; i < ROUNDS; i++) {
		int one = control_connect(fixture), other = control_connect(fixture);
		static const char body[] = "{\"eventName\":\"a\"}\n{\"eventName\":\"b\"}\n";

		assert_true(
			test_send_request(one, "POST", "/v1/events", NULL, body, sizeof body - 1));
		assert_true(test_send_request(other, "POST", "/v1/events", NULL, body,
					      sizeof body - 1));
		agent_record(fixture, "host", 1);
		for (int j = 0; j < 2; j++) {
			test_read_answer(j == 0 ? one : other, &answer, TEST_PATIENCE_MS);
			assert_int_equal(answer.status, 200);
			assert_int_equal(test_json_int(answer.body, "accepted", -1), 2);
			test_answer_fini(&answer);
		}
		(void)close(one);
		(void)close(other);
	}
	agent_await_queue(fixture, rows, 0);
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 5 * ROUNDS);
}

static void what_was_told_200_survives_a_kill(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure(fixture, "{}");
	for (int i = 1; i <= 5; i++) {
		agent_start(fixture);
		post(fixture, NULL, "[{\"eventName\":\"a\"},{\"eventName\":\"b\"}]", 200,
		     "\"accepted\":2");
		agent_kill(fixture);
		assert_int_equal(agent_ask_queue(fixture, rows), 2 * i);
	}
}

static void a_config_that_went_wrong_is_told_and_nothing_is_lost(void **state)
{
	struct agent_fixture *fixture = *state;

	keeper_start(fixture);
	agent_configure(fixture, "{\n\"queue\": 7}");
	post(fixture, NULL, "{\"eventName\":\"a\"}", 503, "config.json:2");
	agent_configure(fixture, "{}");
	post(fixture, NULL, "{\"eventName\":\"a\"}", 200, "\"accepted\":1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(lines_are_committed_before_the_answer),
		AGENT_TEST(an_array_is_taken_like_lines),
		AGENT_TEST(a_broken_array_is_refused_before_anything_of_it_is_recorded),
		AGENT_TEST(a_bad_line_is_named_and_the_others_are_taken),
		AGENT_TEST(of_a_thousand_bad_lines_a_hundred_are_told_and_all_are_counted),
		AGENT_TEST(the_caller_says_whose_events_these_are),
		AGENT_TEST(the_callers_switches_only_take_away),
		AGENT_TEST(under_off_nothing_is_taken_whatever_the_caller_says),
		AGENT_TEST(half_a_body_records_nothing),
		AGENT_TEST(a_megabyte_is_taken_and_over_four_are_not),
		AGENT_TEST(an_event_that_is_too_large_is_named),
		AGENT_TEST(what_makes_no_sense_is_refused),
		AGENT_TEST(two_callers_at_once_and_a_host_lose_nothing),
		AGENT_TEST(what_was_told_200_survives_a_kill),
		AGENT_TEST(a_config_that_went_wrong_is_told_and_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* flightrec and something on agent.sock that is no agent, or a bad one. */
#include "support/test.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli_fixture.h"

/* Listens where an agent would. */
static int impostor_listen(struct cli_fixture *cli)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	CLI(cli, 0, "record", "x");
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%.90s/agent.sock", cli->home);
	assert_true(listener >= 0);
	assert_int_equal(
		bind(listener, (const struct sockaddr *)&address, (socklen_t)sizeof address), 0);
	assert_int_equal(listen(listener, 16), 0);
	return listener;
}

/* Answers every caller that sends a request with these bytes until the program ends; returns the
 * last request. */
static void impostor_answer(int listener, struct test_process *program, const char *answer,
			    char *request, size_t size)
{
	request[0] = '\0';
	while (test_process_wait(program, 0) == TEST_STILL_RUNNING) {
		struct pollfd entry = {.fd = listener, .events = POLLIN};
		ssize_t got;
		int caller;

		if (poll(&entry, 1, 20) <= 0)
			continue;
		caller = accept(listener, NULL, NULL);
		got = caller >= 0 ? recv(caller, request, size - 1, 0) : 0;
		if (got > 0) {
			request[got] = '\0';
			(void)send(caller, answer, strlen(answer), MSG_NOSIGNAL);
		}
		(void)close(caller);
	}
}

static void a_silent_agent_is_given_up_on(void **state)
{
	struct cli_fixture *cli = *state;
	int listener = impostor_listen(cli);
	long long began = test_now_ms();

	CLI(cli, 1, "status");
	assert_says(cli, "agent     the agent does not answer\n");
	assert_says(cli, "queue     1 event");
	assert_true(test_now_ms() - began < 10000);
	CLI(cli, 75, "flush", "--timeout", "100ms");
	assert_complains(cli, "the agent does not answer");
	(void)close(listener);
}

static void an_answer_that_is_none_is_said(void **state)
{
	static const struct {
		const char *answer;
		const char *text;
	} wrong[] = {
		{"nonsense", "the agent hung up without an answer"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"pid\":1}",
		 "the agent's answer is incomplete"},
		{"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "the agent answers 500"},
		{"HTTP/1.1 200 OK\r\n\r\n{\"pid\":", "the agent answers 200"},
	};
	struct cli_fixture *cli = *state;
	int listener = impostor_listen(cli);
	char request[1024];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct test_process *program = CLI_START(cli, false, "status");

		impostor_answer(listener, program, wrong[i].answer, request, sizeof request);
		assert_int_equal(test_process_wait(program, 0), 1);
		assert_non_null(strstr(test_process_output(program), wrong[i].text));
		test_process_free(program);
	}
	(void)close(listener);
}

static void what_the_agent_says_is_shown_and_cannot_talk_to_the_terminal(void **state)
{
	static const char answer[] =
		"HTTP/1.1 200 OK\r\n\r\n"
		"{\"version\":\"9.9.9\",\"pid\":4242,\"state\":\"serving\",\"trouble\":\"\","
		"\"uptimeSeconds\":7200,\"sinks\":[{\"name\":\"dd\",\"state\":\"paused\","
		"\"kind\":\"credentials\",\"reason\":\"403 "
		"\\u001b[2Jno\",\"nextAttemptInMs\":60000}]}";
	struct cli_fixture *cli = *state;
	int listener = impostor_listen(cli);
	struct test_process *program;
	char request[1024];

	program = CLI_START(cli, false, "status");
	impostor_answer(listener, program, answer, request, sizeof request);
	assert_int_equal(test_process_wait(program, 0), 0);
	assert_ptr_equal(strstr(request, "GET /status HTTP/1.1\r\nHost: "), request);
	assert_non_null(
		strstr(test_process_output(program),
		       "agent     running (serving), pid 4242, version 9.9.9, up 2 h 0 min\n"));
	assert_non_null(strstr(test_process_output(program), "dd    paused"));
	assert_non_null(strstr(test_process_output(program),
			       "dd: 403 \\x1b[2Jno; next attempt in 1 min ("));
	test_process_free(program);
	program = CLI_START(cli, false, "flush", "--timeout", "1500ms");
	impostor_answer(listener, program, "HTTP/1.1 200 OK\r\n\r\n{\"done\":true}", request,
			sizeof request);
	assert_int_equal(test_process_wait(program, 0), 0);
	assert_ptr_equal(strstr(request, "POST /flush?timeout_ms=1500 HTTP/1.1\r\n"), request);
	test_process_free(program);
	(void)close(listener);
}

static void a_socket_that_nobody_holds_is_no_agent(void **state)
{
	struct cli_fixture *cli = *state;

	(void)close(impostor_listen(cli));
	CLI(cli, 0, "status");
	assert_says(cli, "agent     not running");
	CLI(cli, 0, "consent", "on");
	assert_string_equal(cli_errors(cli), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(a_silent_agent_is_given_up_on),
		TEST(an_answer_that_is_none_is_said),
		TEST(what_the_agent_says_is_shown_and_cannot_talk_to_the_terminal),
		TEST(a_socket_that_nobody_holds_is_no_agent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

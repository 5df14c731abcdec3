/* flightrec beside a running agent: preview, flush, status, consent, tail. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_fixture.h"
#include "support/http.h"
#include "support/intake.h"

struct delivery {
	struct cli_fixture *cli;
	struct test_intake intake;
	struct test_process *agent;
};

/* `more` is what stands behind the first sink. */
static void delivery_config(struct delivery *delivery, const char *compression, const char *more)
{
	char config[1024];

	(void)snprintf(
		config, sizeof config,
		"{\"sinks\":[{\"name\":\"first\",\"type\":\"first_party\",\"events\":[\"*\"],"
		"\"url\":\"http://127.0.0.1:%d/v1/events\",\"compression\":\"%s\","
		"\"batch\":{\"max_wait\":\"1h\"},\"timeout\":\"2s\"}%s]}",
		delivery->intake.port, compression, more);
	cli_config(delivery->cli, config);
}

static int delivery_set_up(void **state)
{
	struct delivery *delivery = calloc(1, sizeof *delivery);
	char datadog[512];

	assert_non_null(delivery);
	assert_int_equal(cli_set_up((void **)&delivery->cli), 0);
	test_intake_start(&delivery->intake, NULL);
	(void)snprintf(
		datadog, sizeof datadog,
		",{\"name\":\"dd\",\"type\":\"datadog\",\"events\":[\"tool_*\"],"
		"\"url\":\"http://127.0.0.1:%d/api/v2/logs\",\"api_key\":\"env:DD_API_KEY\","
		"\"compression\":\"none\",\"batch\":{\"max_wait\":\"1h\"},\"timeout\":\"2s\"}",
		delivery->intake.port);
	delivery_config(delivery, "none", datadog);
	cli_variable(delivery->cli, "DD_API_KEY", "0123456789abcdef");
	*state = delivery;
	return 0;
}

static int delivery_tear_down(void **state)
{
	struct delivery *delivery = *state;
	void *cli = delivery->cli;

	test_process_free(delivery->agent);
	test_intake_free(&delivery->intake);
	(void)cli_tear_down(&cli);
	free(delivery);
	return 0;
}

/* Starts the agent and waits until it answers. */
static void agent_start(struct delivery *delivery)
{
	const char *argv[] = {FLIGHTRECD, NULL};
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	delivery->agent = test_process_start(
		&(struct test_program){.argv = argv, .environment = delivery->cli->environment});
	do {
		test_sleep_ms(20);
		CLI(delivery->cli, 0, "status", "--json");
	} while (strstr(cli_output(delivery->cli), "\"running\":true") == NULL &&
		 test_now_ms() < deadline);
	assert_says(delivery->cli, "\"running\":true");
}

/* By both sinks: each path counts for itself. */
static long long events_received(struct delivery *delivery)
{
	return test_intake_stat(&delivery->intake, "events_distinct");
}

static void record_some(struct cli_fixture *cli)
{
	CLI(cli, 0, "consent", "on");
	CLI_GIVEN(cli,
		  "{\"eventName\":\"tool_use_error\",\"toolName\":\"edit_file\",\"n\":"
		  "9007199254740993}\n"
		  "{\"eventName\":\"api_error\",\"status\":502,\"text\":\"\\u00e4\\u2028\"}\n",
		  0, "record", "-", "--service", "my-tool");
}

/* The body or the headers of the only request that the intake got on this path. */
static char *received_part(struct delivery *delivery, const char *path, const char *part)
{
	char *requests = test_intake_get(&delivery->intake, "/requests");
	char wanted[64], target[64];
	const char *at;
	long long number;

	(void)snprintf(wanted, sizeof wanted, "\"path\":\"%s\"", path);
	at = strstr(requests, wanted);
	assert_non_null(at);
	assert_null(strstr(at + 1, wanted));
	while (at > requests && at[-1] != '\n')
		at--;
	number = test_json_int(at, "id", -1);
	free(requests);
	assert_true(number > 0);
	(void)snprintf(target, sizeof target, "/requests/%lld/%s", number, part);
	return test_intake_get(&delivery->intake, target);
}

static char *previewed_body(struct delivery *delivery, const char *sink)
{
	char *body;

	CLI(delivery->cli, 0, "preview", "--sink", sink, "--body");
	body = strdup(cli_output(delivery->cli));
	assert_non_null(body);
	assert_true(strlen(body) > 100);
	return body;
}

/* One sink at a time: the number of a batch, and so its id, goes to whoever claims first. */
static void preview_shows_to_the_byte_what_is_then_sent(void **state)
{
	struct delivery *delivery = *state;
	char *previewed, *received;

	agent_start(delivery);
	record_some(delivery->cli);
	CLI(delivery->cli, 0, "preview");
	assert_says(delivery->cli, "# first: 2 events, not frozen yet");
	assert_says(delivery->cli, "# dd: 1 event, not frozen yet");
	previewed = previewed_body(delivery, "dd");
	CLI(delivery->cli, 0, "flush");
	assert_string_equal(cli_output(delivery->cli),
			    "Everything that may be sent is delivered.\n");
	received = received_part(delivery, "/api/v2/logs", "body");
	assert_string_equal(received, previewed);
	free(previewed);
	free(received);
	CLI(delivery->cli, 0, "preview");
	assert_string_equal(cli_output(delivery->cli),
			    "# first: nothing waits\n# dd: nothing waits\n");
}

static void preview_of_one_sink_has_the_id_of_the_batch(void **state)
{
	struct delivery *delivery = *state;
	char *previewed, *received;

	delivery_config(delivery, "none", "");
	agent_start(delivery);
	record_some(delivery->cli);
	previewed = previewed_body(delivery, "first");
	assert_ptr_equal(strstr(previewed, "{\"batchId\":\""), previewed);
	CLI(delivery->cli, 0, "flush");
	received = received_part(delivery, "/v1/events", "body");
	assert_string_equal(received, previewed);
	free(previewed);
	free(received);
}

/* But for the secret, and the time of sending. */
static void preview_lists_the_headers_that_are_then_sent(void **state)
{
	struct delivery *delivery = *state;
	char *previewed, *received, *line, *rest = NULL;
	int lines = 0;

	delivery_config(delivery, "gzip", "");
	agent_start(delivery);
	CLI(delivery->cli, 0, "consent", "on");
	for (int i = 0; i < 20; i++)
		CLI(delivery->cli, 0, "record", "tool_use",
		    "text=something to pack, and more of it", "-q");
	CLI(delivery->cli, 0, "preview", "--sink", "first");
	previewed = strdup(strstr(cli_output(delivery->cli), "POST "));
	assert_non_null(previewed);
	CLI(delivery->cli, 0, "flush");
	received = received_part(delivery, "/v1/events", "headers");
	*strstr(previewed, "\n\n") = '\0';
	strtok_r(previewed, "\n", &rest);
	while ((line = strtok_r(NULL, "\n", &rest)) != NULL) {
		if (strchr(line, '<') != NULL) /* known only once it is sent */
			*strchr(line, '<') = '\0';
		if (strstr(received, line) == NULL)
			fail_msg("\"%s\" was not sent:\n%s", line, received);
		lines++;
	}
	assert_int_equal(lines, 8);
	assert_non_null(strstr(received, "Content-Encoding: gzip"));
	free(previewed);
	free(received);
}

static void preview_needs_no_agent_and_shows_no_secret(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;

	CLI(cli, 0, "preview");
	assert_complains(cli, "Nothing recorded yet");
	record_some(cli);
	CLI(cli, 0, "preview", "--sink", "dd");
	assert_says(cli, "# the agent has not met this sink yet");
	assert_says(cli, "# to http://127.0.0.1:");
	assert_says(cli, "\nPOST /api/v2/logs HTTP/1.1\nHost: 127.0.0.1:");
	assert_says(cli, "\nDD-API-KEY: <from env:DD_API_KEY>\n");
	assert_says(cli, "\nContent-Type: application/json\n");
	assert_says(cli, "\"n\":9007199254740993");
	assert_says_not(cli, "0123456789abcdef");
	CLI(cli, 0, "preview", "--json");
	assert_says(cli, "[{\"sink\":\"first\",\"type\":\"first_party\",\"batchId\":\"");
	assert_says(cli,
		    "{\"name\":\"DD-API-KEY\",\"value\":null,\"secretFrom\":\"env:DD_API_KEY\"}");
	assert_says_not(cli, "0123456789abcdef");
	CLI(cli, 2, "preview", "--body");
	CLI(cli, 2, "preview", "--sink", "nobody");
	assert_complains(cli, "no sink is named nobody");
}

static void flush_delivers_and_status_shows_books_that_add_up(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;

	CLI(cli, 0, "record", "tool_local"); /* under local: not meant to leave */
	record_some(cli);
	agent_start(delivery);
	CLI(cli, 0, "show", "2");
	assert_says(cli, "waits for   first, dd\n");
	CLI(cli, 0, "ls", "--sink", "dd", "--json");
	assert_says(cli, "tool_use_error");
	assert_says_not(cli, "tool_local");
	CLI(cli, 0, "flush", "--json");
	assert_string_equal(cli_output(cli), "{\"done\":true,\"agent\":true,\"left\":[]}\n");
	assert_int_equal(events_received(delivery), 2 + 1);
	CLI(cli, 0, "status", "--json");
	assert_says(cli, "\"committed\":3,\"delivered\":2,\"queued\":0,\"inBatches\":0,\"dead\":0,"
			 "\"dropped\":0,\"unwanted\":1,\"balanced\":true");
	assert_says(cli, "\"committed\":3,\"delivered\":1,\"queued\":0,\"inBatches\":0,\"dead\":0,"
			 "\"dropped\":0,\"unwanted\":2,\"balanced\":true");
	CLI(cli, 0, "verify");
	CLI(cli, 0, "purge", "--yes");
	CLI(cli, 0, "verify");
}

static void flush_says_what_is_left_and_why(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;

	record_some(cli);
	CLI(cli, 75, "flush");
	assert_complains(cli, "first: 2 events wait");
	assert_complains(cli, "dd: 1 event waits");
	assert_complains(cli, "no agent is running that could deliver: start flightrecd");
	test_intake_fail(&delivery->intake, "{\"fault\":\"status\",\"status\":503}");
	agent_start(delivery);
	CLI(cli, 75, "flush", "--timeout", "500ms");
	assert_complains(cli, "503");
	CLI(cli, 75, "flush", "--timeout", "500ms", "--json");
	assert_says(cli,
		    "{\"done\":false,\"agent\":true,\"left\":[{\"sink\":\"first\",\"queued\":2,");
	CLI(cli, 0, "status");
	assert_says(cli, "first  waiting");
	assert_says(cli, "next attempt in ");
	assert_says(cli, "; its oldest event is ");
	assert_says(cli, "room      for an outage of about ");
	CLI(cli, 0, "status", "--json");
	assert_says(cli, "\"nextAttempt\":\"20");
	assert_says(cli, "\"outage\":{\"holdSeconds\":");
	test_intake_heal(&delivery->intake);
	CLI(cli, 0, "flush", "--timeout", "20s");
	CLI(cli, 2, "flush", "--timeout", "soon");
	CLI(cli, 2, "flush", "--timeout", "30d");
}

static void what_may_not_leave_does_not_hold_flush_up(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;

	CLI(cli, 0, "flush"); /* no queue */
	CLI(cli, 0, "record", "tool_local");
	CLI(cli, 0, "flush"); /* no agent needed either */
	assert_says(cli, "Everything that may be sent is delivered.");
	cli_config(cli, "{}");
	CLI(cli, 0, "flush");
	assert_says(cli, "No sink in the config");
}

static void off_takes_the_queue_from_under_a_running_agent(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;
	char path[TEST_PATH_MAX + 16];
	long long began;

	record_some(cli);
	agent_start(delivery);
	began = test_now_ms();
	CLI(cli, 0, "consent", "off");
	assert_true(test_now_ms() - began < (RUNS_SANITIZED ? 5000 : 1500));
	assert_says(cli, "Deleted 2 events (");
	(void)snprintf(path, sizeof path, "%s/queue.db", cli->home);
	assert_int_equal(access(path, F_OK), -1);
	CLI(cli, 0, "status");
	assert_says(cli, "queue     nothing recorded yet");
	test_sleep_ms(300);
	assert_int_equal(access(path, F_OK), -1); /* nobody made it anew */
	assert_int_equal(test_intake_stat(&delivery->intake, "requests"), 0);
	CLI(cli, 0, "consent", "on");
	CLI(cli, 0, "record", "tool_again");
	CLI(cli, 0, "flush");
	assert_int_equal(events_received(delivery), 1 + 1);
}

static void an_agent_in_a_deep_home_is_reached(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;
	char deep[TEST_PATH_MAX];

	(void)test_folder_path(&cli->folder,
			       "a-folder-whose-name-alone-is-some-fifty-bytes-long/"
			       "b-folder-whose-name-alone-is-some-fifty-bytes-long/home",
			       deep);
	cli_variable(cli, "FLIGHTREC_HOME", deep);
	agent_start(delivery);
	record_some(cli);
	CLI(cli, 0, "flush");
	assert_int_equal(events_received(delivery), 2 + 1);
}

static void tail_counts_what_came_and_left(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;
	struct test_process *tail;
	const char *at;
	long long seen = 0;

	agent_start(delivery);
	CLI(cli, 0, "consent", "on");
	tail = CLI_START(cli, false, "tail", "-f");
	for (int i = 0; i < 20; i++)
		CLI(cli, 0, "record", "tool_quick", "-q");
	CLI(cli, 0, "flush");
	CLI(cli, 0, "consent", "local");
	CLI(cli, 0, "record", "stays");
	assert_true(test_process_await_output(tail, "stays", TEST_PATIENCE_MS));
	for (at = test_process_output(tail); (at = strstr(at, "tool_quick")) != NULL; at++)
		seen++;
	for (at = test_process_errors(tail); (at = strchr(at, '(')) != NULL; at++)
		seen += strtoll(at + 1, NULL, 10);
	assert_int_equal(seen, 20);
	test_process_kill(tail);
	test_process_free(tail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define WITH_INTAKE(name) cmocka_unit_test_setup_teardown(name, delivery_set_up, delivery_tear_down)
		WITH_INTAKE(preview_shows_to_the_byte_what_is_then_sent),
		WITH_INTAKE(preview_of_one_sink_has_the_id_of_the_batch),
		WITH_INTAKE(preview_lists_the_headers_that_are_then_sent),
		WITH_INTAKE(preview_needs_no_agent_and_shows_no_secret),
		WITH_INTAKE(flush_delivers_and_status_shows_books_that_add_up),
		WITH_INTAKE(flush_says_what_is_left_and_why),
		WITH_INTAKE(what_may_not_leave_does_not_hold_flush_up),
		WITH_INTAKE(off_takes_the_queue_from_under_a_running_agent),
		WITH_INTAKE(an_agent_in_a_deep_home_is_reached),
		WITH_INTAKE(tail_counts_what_came_and_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

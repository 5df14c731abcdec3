/* flightrec record -: NDJSON, good and bad, of any length, from files, pipes and terminals. */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_fixture.h"

static long long queued(struct cli_fixture *cli)
{
	return cli_ask(cli, "SELECT count(*) AS n FROM pending");
}

static void every_line_is_an_event(void **state)
{
	struct cli_fixture *cli = *state;

	CLI_GIVEN(cli,
		  "{\"eventName\":\"a\",\"n\":1}\n"
		  "\n"
		  "  {\"eventName\":\"b\",\"severity\":\"warn\"}  \r\n"
		  "{\"eventName\":\"c\",\"eventTime\":\"2026-11-22T08:00:00Z\"}", /* no newline */
		  0, "record", "-", "-s", "error", "--service", "s");
	assert_string_equal(cli_output(cli), "committed 3 events, refused 0 lines\n");
	assert_string_equal(cli_errors(cli), "");
	CLI(cli, 0, "export");
	assert_says(cli, "\"severity\":\"error\",\"service\":\"s\"");
	assert_says(cli, "\"severity\":\"warn\"");
	assert_says(cli, "\"time\":\"2026-11-22T08:00:00.000000Z\"");
}

static void a_bad_line_is_named_and_the_others_go_on(void **state)
{
	static const char input[] = "{\"eventName\":\"good\"}\n"
				    "{\"eventName\":\"bad\",}\n"
				    "not json\n"
				    "{\"noName\":1}\n"
				    "{\"eventName\":\"9bad\"}\n"
				    "{\"eventName\":7}\n"
				    "{\"eventName\":\"bad\",\"n\":NaN}\n"
				    "{\"eventName\":\"bad\",\"a\":1,\"a\":2}\n"
				    "{\"eventName\":\"bad\"} trailing\n"
				    "{\"eventName\":\"bad\",\"t\":\"\xff\"}\n"
				    "[1]\n"
				    "{\"eventName\":\"bad\",\"eventTime\":\"today\"}\n"
				    "{\"eventName\":\"good\",\"last\":true}\n";
	struct cli_fixture *cli = *state;

	CLI_GIVEN(cli, input, 1, "record", "-");
	assert_says(cli, "committed 2 events, refused 11 lines\n");
	for (int line = 2; line <= 12; line++) {
		char text[32];

		(void)snprintf(text, sizeof text, "flightrec: line %d: ", line);
		assert_complains(cli, text);
	}
	assert_null(strstr(cli_errors(cli), "line 1:"));
	assert_null(strstr(cli_errors(cli), "line 13:"));
	assert_complains(cli, "eventName");
	assert_complains(cli, "UTF-8");
	assert_int_equal(queued(cli), 2);
}

static void programs_get_the_refusals_as_json(void **state)
{
	struct cli_fixture *cli = *state;

	CLI_GIVEN(cli, "{\"eventName\":\"good\"}\nbad\n", 1, "record", "-", "--json");
	assert_says(cli, "{\"committed\":1,\"refused\":1,\"lines\":2,");
	assert_says(cli, "\"stopped\":null,\"refusals\":[{\"line\":2,\"reason\":\"");
	assert_string_equal(cli_errors(cli), "");
}

static void nul_bytes_are_refused_where_they_stand(void **state)
{
	static const char input[] = "{\"eventName\":\"good\"}\n"
				    "{\"eventName\":\"x\0y\"}\n"
				    "\0\n"
				    "{\"eventName\":\"good\",\"escaped\":\"\\u0000\"}\n";
	struct cli_fixture *cli = *state;

	cli_run(cli, input, sizeof input - 1, 1, (const char *const[]){"record", "-", NULL});
	assert_says(cli, "committed 2 events, refused 2 lines\n");
	assert_complains(cli, "line 2: ");
	assert_complains(cli, "line 3: ");
}

static void an_empty_input_is_said(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 1, "record", "-");
	assert_complains(cli, "the input is empty");
	CLI_GIVEN(cli, "\n\n", 1, "record", "-");
	assert_complains(cli, "the input is empty");
	CLI(cli, 1, "record", "-", "--json");
	assert_says(cli, "{\"committed\":0,\"refused\":0");
}

static void ten_thousand_levels_are_refused(void **state)
{
	enum { LEVELS = 10000 };
	struct cli_fixture *cli = *state;
	char *input = malloc(2 * LEVELS + 64);
	size_t length = (size_t)snprintf(input, 64, "{\"eventName\":\"x\",\"a\":");

	memset(input + length, '[', LEVELS);
	memset(input + length + LEVELS, ']', LEVELS);
	(void)snprintf(input + length + 2 * LEVELS, 32, "}\n{\"eventName\":\"y\"}\n");
	CLI_GIVEN(cli, input, 1, "record", "-");
	free(input);
	assert_says(cli, "committed 1 event, refused 1 line\n");
	assert_complains(cli, "line 1: ");
}

static void a_byte_order_mark_is_passed_over(void **state)
{
	struct cli_fixture *cli = *state;

	CLI_GIVEN(cli, "\xef\xbb\xbf{\"eventName\":\"x\"}\n", 0, "record", "-");
}

static void an_event_over_the_limit_is_refused_with_the_limit(void **state)
{
	enum { BYTES = 60 * 1024 };
	struct cli_fixture *cli = *state;
	char *input = malloc(BYTES + 64);
	size_t length = (size_t)snprintf(input, 64, "{\"eventName\":\"x\",\"t\":\"");

	memset(input + length, 'a', BYTES);
	(void)snprintf(input + length + BYTES, 32, "\"}\n{\"eventName\":\"y\"}\n");
	CLI_GIVEN(cli, input, 1, "record", "-");
	free(input);
	assert_complains(cli, "line 1: ");
	assert_complains(cli, "49152");
	assert_says(cli, "committed 1 event, refused 1 line\n");
}

/* Writes a line of so many megabytes between two good ones, through a pipe, and limits the memory
 * of the program that reads it. */
static void a_line_of_100_megabytes_is_skipped_and_never_held(void **state)
{
	struct cli_fixture *cli = *state;
	char command[TEST_PATH_MAX * 2];
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct test_program program = {.argv = argv, .environment = cli->environment};
	struct test_process *shell;

	(void)snprintf(
		command, sizeof command,
		"{ echo '{\"eventName\":\"first\"}'; printf '{\"eventName\":\"big\",\"t\":\"'; "
		"head -c 100000000 /dev/zero | tr '\\0' a; echo '\"}'; "
		"echo '{\"eventName\":\"last\"}'; } | { %s '%s' record -; }",
		getenv("ASAN_OPTIONS") == NULL && !RUNS_SANITIZED ? "ulimit -v 100000;" : "",
		FLIGHTREC_CLI);
	shell = test_process_run(&program);
	assert_int_equal(test_process_wait(shell, 0), 1);
	assert_non_null(strstr(test_process_output(shell), "committed 2 events, refused 1 line\n"));
	assert_non_null(strstr(test_process_errors(shell), "line 2: longer than 1.0 MiB, skipped"));
	assert_null(strstr(test_process_errors(shell), "line 3"));
	test_process_free(shell);
	assert_int_equal(queued(cli), 2);
}

static void what_a_living_program_wrote_is_committed_when_it_pauses(void **state)
{
	struct cli_fixture *cli = *state;
	struct test_process *recorder = CLI_START(cli, true, "record", "-");
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	assert_true(test_process_write(recorder, "{\"eventName\":\"x\"}\n{\"eventName\":\"y\"}\n"));
	do {
		CLI(cli, 0, "ls", "--json");
	} while (strstr(cli_output(cli), "\"y\"") == NULL && test_now_ms() < deadline);
	assert_int_equal(queued(cli), 2);
	assert_true(test_process_write(recorder, "{\"eventName\":\"z\"}"));
	test_process_close_input(recorder);
	assert_int_equal(test_process_wait(recorder, TEST_PATIENCE_MS), 0);
	assert_non_null(strstr(test_process_output(recorder), "committed 3 events"));
	test_process_free(recorder);
}

static void an_interrupt_ends_it_in_good_order(void **state)
{
	struct cli_fixture *cli = *state;
	struct test_process *recorder = CLI_START(cli, true, "record", "-");
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	assert_true(test_process_write(recorder, "{\"eventName\":\"x\"}\n{\"eventName\":\"cut"));
	do {
		CLI(cli, 0, "ls", "--json");
	} while (strstr(cli_output(cli), "\"x\"") == NULL && test_now_ms() < deadline);
	test_process_signal(recorder, SIGINT);
	assert_int_equal(test_process_wait(recorder, TEST_PATIENCE_MS), 128 + SIGINT);
	assert_non_null(strstr(test_process_output(recorder), "committed 1 event, refused 0"));
	assert_non_null(strstr(test_process_errors(recorder),
			       "stopped: interrupted; nothing was recorded from line 2 on"));
	test_process_free(recorder);
	assert_int_equal(queued(cli), 1);
}

static void consent_withdrawn_in_the_middle_stops_it(void **state)
{
	struct cli_fixture *cli = *state;
	struct test_process *recorder = CLI_START(cli, true, "record", "-");
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	assert_true(test_process_write(recorder, "{\"eventName\":\"x\"}\n"));
	do {
		CLI(cli, 0, "ls", "--json");
	} while (strstr(cli_output(cli), "\"x\"") == NULL && test_now_ms() < deadline);
	CLI(cli, 0, "consent", "off");
	assert_true(test_process_write(recorder, "{\"eventName\":\"y\"}\n"));
	assert_int_equal(test_process_wait(recorder, TEST_PATIENCE_MS), 1);
	assert_non_null(strstr(test_process_errors(recorder), "stopped: off: the owner chose off"));
	assert_non_null(strstr(test_process_errors(recorder), "from line 2 on"));
	test_process_free(recorder);
	CLI(cli, 0, "ls");
	assert_complains(cli, "Nothing recorded yet");
}

static void a_foreign_format_names_its_fields(void **state)
{
	struct cli_fixture *cli = *state;

	CLI_GIVEN(cli, "{\"msg\":\"started\",\"ts\":\"2026-11-22T08:00:00Z\",\"eventName\":1}\n", 0,
		  "record", "-", "--name-field", "msg", "--time-field=ts");
	CLI(cli, 0, "export");
	assert_says(cli, "\"eventName\":\"started\",\"time\":\"2026-11-22T08:00:00.000000Z\"");
	assert_says(cli, "\"properties\":{\"eventName\":1}");
}

/* git's own telemetry, of real commands. */
static void what_git_writes_is_recorded_line_by_line(void **state)
{
	struct cli_fixture *cli = *state;
	char command[TEST_PATH_MAX * 4], trace[TEST_PATH_MAX];
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct test_program program = {
		.argv = argv, .environment = cli->environment, .folder = cli->folder.path};
	struct test_process *shell;
	char *text;
	size_t length;
	long long lines = 0;

	(void)test_folder_path(&cli->folder, "git.ndjson", trace);
	(void)snprintf(
		command, sizeof command,
		"export GIT_TRACE2_EVENT='%s' GIT_CONFIG_NOSYSTEM=1; git init -q r && cd r && "
		"echo a > a && git add a && git -c user.name=n -c user.email=e@example.com "
		"commit -q -m m && git log --oneline && git status --short && git gc -q && "
		"cd .. && git clone -q r s",
		trace);
	shell = test_process_run(&program);
	if (test_process_wait(shell, 0) == 127)
		skip();
	assert_int_equal(test_process_wait(shell, 0), 0);
	test_process_free(shell);
	text = test_file_read(trace, &length);
	assert_non_null(text);
	for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_true(lines > 100);
	CLI_GIVEN(cli, text, 0, "record", "-", "--name-field", "event", "--time-field", "time",
		  "--service", "git");
	free(text);
	assert_int_equal(queued(cli), lines);
	assert_true(cli_ask(cli, "SELECT count(*) AS n FROM pending WHERE name = 'cmd_name' "
				 "AND service = 'git'") >= 6);
	assert_int_equal(cli_ask(cli,
				 "SELECT count(*) AS n FROM pending WHERE abs(julianday(time) - "
				 "julianday('now')) > 1"),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(every_line_is_an_event),
		TEST(a_bad_line_is_named_and_the_others_go_on),
		TEST(programs_get_the_refusals_as_json),
		TEST(nul_bytes_are_refused_where_they_stand),
		TEST(an_empty_input_is_said),
		TEST(ten_thousand_levels_are_refused),
		TEST(a_byte_order_mark_is_passed_over),
		TEST(an_event_over_the_limit_is_refused_with_the_limit),
		TEST(a_line_of_100_megabytes_is_skipped_and_never_held),
		TEST(what_a_living_program_wrote_is_committed_when_it_pauses),
		TEST(an_interrupt_ends_it_in_good_order),
		TEST(consent_withdrawn_in_the_middle_stops_it),
		TEST(a_foreign_format_names_its_fields),
		TEST(what_git_writes_is_recorded_line_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

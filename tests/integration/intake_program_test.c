/* flightrec-intake as a program: its flags, what it prints, its signals and exit codes. */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/intake.h"

/* Runs it with these flags, expects this exit code, and this text on that stream. */
static void expect_run(const char *const *flags, int code, const char *output, const char *errors)
{
	const char *argv[8] = {FLIGHTREC_INTAKE};
	for (size_t i = 0; flags[i] != NULL; i++)
		argv[i + 1] = flags[i];
	struct test_process *process = test_process_run(&(struct test_program){.argv = argv});
	assert_int_equal(test_process_wait(process, 0), code);
	if (strstr(test_process_output(process), output) == NULL ||
	    strstr(test_process_errors(process), errors) == NULL)
		fail_msg("%s: \"%s\" \"%s\"", flags[0], test_process_output(process),
			 test_process_errors(process));
	test_process_free(process);
}

#define RUN(code, output, errors, ...) \
	expect_run((const char *const[]){__VA_ARGS__, NULL}, code, output, errors)

static void help_and_version_are_printed(void **state)
{
	(void)state;
	RUN(0, "usage: flightrec-intake", "", "--help");
	RUN(0, "drop-mid-answer", "", "--help");
	RUN(0, "over-bytes", "", "--help");
	RUN(0, "flightrec-intake 0.", "", "--version");
}

static void wrong_flags_are_usage_errors(void **state)
{
	(void)state;
	RUN(2, "", "--nonsense: not a flag", "--nonsense");
	RUN(2, "", "extra: not a flag", "extra");
	RUN(2, "", "--listen takes ADDRESS:PORT", "--listen");
	RUN(2, "", "--quiet takes nothing", "--quiet=yes");
	RUN(2, "", "\"nowhere:1\" is not an address", "--listen", "nowhere:1");
	RUN(2, "", "is not an address and a port", "--listen", "127.0.0.1:65536");
	RUN(2, "", "is not an address and a port", "--listen", "127.0.0.1:");
	RUN(2, "", "not a loopback address", "--listen", "0.0.0.0:0");
	RUN(2, "", "not a loopback address", "--listen", "[::]:0");
	RUN(2, "", "--db: not a path", "--db", "");
}

static void faults_are_checked_before_it_listens(void **state)
{
	(void)state;
	RUN(2, "", "--fail: \"explode\" is no kind of fault", "--fail", "explode");
	RUN(2, "", "--fail: status: \"ten\"", "--fail", "status=ten");
	RUN(2, "", "--fail: \"speed\" is no key", "--fail", "hang,speed=3");
	RUN(2, "", "--fail: a fault needs a kind", "--fail", "count=3");
}

static void a_secret_on_the_command_line_is_refused(void **state)
{
	(void)state;
	RUN(2, "", "never the secret itself", "--api-key", "abc");
	RUN(2, "", "--token: env:NOT_THERE is empty", "--token", "env:NOT_THERE");
	RUN(2, "", "no such file", "--token=file:/nonexistent/token");
}

static void a_port_in_use_is_named(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	char address[32];
	test_intake_start(&intake, NULL);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%d", intake.port);
	RUN(1, "", "cannot listen: Address already in use", "--listen", address);
	test_intake_free(&intake);
}

static void a_file_that_is_no_store_is_left_alone(void **state)
{
	(void)state;
	struct test_folder folder;
	char path[TEST_PATH_MAX];
	test_folder_make(&folder);
	test_folder_write(&folder, "letter", "Dear reader, this is not a database of any kind.\n");
	RUN(1, "", "file is not a database", "--listen", "127.0.0.1:0", "--db",
	    test_folder_path(&folder, "letter", path));
	char *text = test_file_read(path, NULL);
	assert_string_equal(text, "Dear reader, this is not a database of any kind.\n");
	free(text);
	RUN(1, "", "unable to open database file", "--db", folder.path);
	test_folder_remove(&folder);
}

static void it_says_where_it_listens(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	char line[64];
	test_intake_start(&intake, NULL);
	(void)snprintf(line, sizeof(line), "listening on http://127.0.0.1:%d\n", intake.port);
	assert_true(test_process_await_output(intake.process, line, TEST_PATIENCE_MS));
	test_intake_free(&intake);
}

static void it_listens_on_ipv6_too(void **state)
{
	(void)state;
	static const char *const argv[] = {FLIGHTREC_INTAKE, "--listen", "[::1]:0", NULL};
	struct test_process *process = test_process_start(&(struct test_program){.argv = argv});
	if (!test_process_await_output(process, "listening on http://[::1]:", TEST_PATIENCE_MS))
		assert_non_null(strstr(test_process_errors(process), "cannot listen"));
	test_process_free(process);
}

static void each_delivery_is_a_line_and_the_end_a_summary(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	test_intake_start(&intake, NULL);
	test_intake_expect(&intake, "/ndjson", NULL, "{\"eventId\":\"1\",\"eventName\":\"x\"}", 200,
			   NULL);
	test_intake_fail(&intake, "{\"fault\":\"status\",\"status\":503,\"accept\":1}");
	test_intake_expect(&intake, "/ndjson", NULL, "{\"eventId\":\"1\",\"eventName\":\"x\"}", 503,
			   NULL);
	test_intake_expect(&intake, "/v3", NULL, "", 503, NULL);
	test_process_signal(intake.process, SIGTERM);
	assert_int_equal(test_process_wait(intake.process, TEST_PATIENCE_MS), 0);
	const char *output = test_process_output(intake.process);
	assert_non_null(strstr(output, "POST /ndjson: 200, events 1\n"));
	assert_non_null(strstr(output, "POST /ndjson: 503, events 1, duplicates 1, a replay, on "
				       "request: status, yet accepted\n"));
	assert_non_null(
		strstr(output, "POST /v3: 503, events 0, on request: status: no such path\n"));
	assert_non_null(strstr(output, "events             2   different 1, duplicates 1"));
	test_intake_free(&intake);
}

static void quiet_says_only_where_it_listens(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	const char *const flags[] = {"--quiet", NULL};
	test_intake_start(&intake, flags);
	test_intake_expect(&intake, "/ndjson", NULL, "{}", 200, NULL);
	test_process_signal(intake.process, SIGINT);
	assert_int_equal(test_process_wait(intake.process, TEST_PATIENCE_MS), 0);
	const char *output = test_process_output(intake.process);
	assert_ptr_equal(strchr(output, '\n') + 1, output + strlen(output));
	assert_string_equal(test_process_errors(intake.process), "");
	test_intake_free(&intake);
}

static void json_is_for_programs(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	const char *const flags[] = {"--json", NULL};
	test_intake_start(&intake, flags);
	test_intake_expect(&intake, "/ndjson", NULL, "{}", 200, NULL);
	test_process_signal(intake.process, SIGTERM);
	assert_int_equal(test_process_wait(intake.process, TEST_PATIENCE_MS), 0);
	const char *output = test_process_output(intake.process);
	assert_non_null(
		strstr(output, "{\"method\":\"POST\",\"path\":\"/ndjson\",\"status\":200,"));
	assert_non_null(strstr(output, "{\"requests\":1,"));
	test_intake_free(&intake);
}

static void sigusr1_asks_for_the_summary(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	test_intake_start(&intake, NULL);
	test_process_signal(intake.process, SIGUSR1);
	assert_true(test_process_await_output(intake.process, "requests           0   accepted 0",
					      TEST_PATIENCE_MS));
	assert_int_equal(test_intake_stop(&intake), 0);
	test_intake_free(&intake);
}

static void sigterm_ends_it_at_once_whatever_hangs(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	const char *const flags[] = {"--fail", "hang,count=1", "--fail", "status=200,delay=1h",
				     NULL};
	test_intake_start(&intake, flags);
	int hanging = test_connect_tcp(intake.port);
	int delayed = test_connect_tcp(intake.port);
	assert_true(test_send_request(hanging, "POST", "/ndjson", NULL, "{}", 2));
	assert_true(test_send_request(delayed, "POST", "/ndjson", NULL, "{}", 2));
	assert_true(test_intake_await(&intake, "requests", 2, TEST_PATIENCE_MS));
	long long before = test_now_ms();
	assert_int_equal(test_intake_stop(&intake), 0);
	assert_true(test_now_ms() - before < 2000);
	(void)close(hanging);
	(void)close(delayed);
	test_intake_free(&intake);
}

static void flags_of_faults_read_like_the_control_path(void **state)
{
	(void)state;
	struct test_intake intake = {0};
	const char *const flags[] = {
		"--fail",
		"status=503,retry-after=\"Sun, 06 Nov 1994 08:49:37 GMT\",count=2",
		"--fail=drop-after,count=1",
		"--fail",
		"{\"delay\":\"5ms\",\"over_events\":7}",
		"--reject",
		"bad",
		"--poison",
		"worse_*",
		NULL};
	test_intake_start(&intake, flags);
	char *faults = test_intake_get(&intake, "/control");
	assert_string_equal(faults,
			    "[{\"fault\":\"status\",\"status\":503,\"retry-after\":"
			    "\"Sun, 06 Nov 1994 08:49:37 GMT\",\"count\":2},"
			    "{\"fault\":\"drop-after\",\"count\":1},"
			    "{\"fault\":\"delay\",\"delay\":\"5ms\",\"over-events\":7},"
			    "{\"fault\":\"reject\",\"name\":\"bad\"},"
			    "{\"fault\":\"status\",\"status\":400,\"name\":\"worse_*\"}]\n");
	free(faults);
	test_intake_free(&intake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_and_version_are_printed),
		cmocka_unit_test(wrong_flags_are_usage_errors),
		cmocka_unit_test(faults_are_checked_before_it_listens),
		cmocka_unit_test(a_secret_on_the_command_line_is_refused),
		cmocka_unit_test(a_port_in_use_is_named),
		cmocka_unit_test(a_file_that_is_no_store_is_left_alone),
		cmocka_unit_test(it_says_where_it_listens),
		cmocka_unit_test(it_listens_on_ipv6_too),
		cmocka_unit_test(each_delivery_is_a_line_and_the_end_a_summary),
		cmocka_unit_test(quiet_says_only_where_it_listens),
		cmocka_unit_test(json_is_for_programs),
		cmocka_unit_test(sigusr1_asks_for_the_summary),
		cmocka_unit_test(sigterm_ends_it_at_once_whatever_hangs),
		cmocka_unit_test(flags_of_faults_read_like_the_control_path),
	};
	return cmocka_run_group_tests_name("intake_program", tests, NULL, NULL);
}

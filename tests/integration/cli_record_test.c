/* flightrec record NAME ...: one event, by the rules of the library. */
#include "support/test.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_fixture.h"

static void an_event_is_committed_when_it_says_so(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "tool_use_error", "toolName=edit_file", "duration:=450");
	assert_says(cli, "recorded 0");
	assert_says(cli, "consent local: it never leaves this machine");
	assert_int_equal(cli_ask(cli, "SELECT count(*) AS n FROM pending"), 1);
	CLI(cli, 0, "export");
	assert_says(cli, "\"eventName\":\"tool_use_error\"");
	assert_says(cli, "\"properties\":{\"toolName\":\"edit_file\",\"duration\":450}");
}

static void values_keep_their_types_and_their_digits(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "x", "text=450", "number:=9007199254740993", "real:=-1.50e3",
	    "yes:=true", "no:=false", "none:=null", "list:=[1, \"a\"]",
	    "object:={\"k\": {\"l\": 1}}", "empty=", "equation=a=b:=c", "a.b:c=colon");
	CLI(cli, 0, "export");
	assert_says(cli,
		    "{\"text\":\"450\",\"number\":9007199254740993,\"real\":-1.50e3,\"yes\":true,"
		    "\"no\":false,\"none\":null,\"list\":[1,\"a\"],\"object\":{\"k\":{\"l\":1}},"
		    "\"empty\":\"\",\"equation\":\"a=b:=c\",\"a.b:c\":\"colon\"}");
}

static void severity_time_and_service_are_options(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "x", "-s", "fatal", "--time", "2026-11-22T10:00:00.5+01:00",
	    "--service=my-tool", "--service-version", "1.2.3", "--traceparent",
	    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
	CLI(cli, 0, "export");
	assert_says(cli, "\"time\":\"2026-11-22T09:00:00.500000Z\",\"severity\":\"fatal\","
			 "\"service\":\"my-tool\",\"version\":\"1.2.3\"");
	assert_says(cli, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

static void reserved_members_are_taken_as_properties_would_be_written(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "x", "severity=warn", "eventTime=2026-11-22T09:00:00Z", "a:=1");
	CLI(cli, 0, "export");
	assert_says(cli, "\"time\":\"2026-11-22T09:00:00.000000Z\",\"severity\":\"warn\"");
	assert_says(cli, "\"properties\":{\"a\":1}");
	CLI(cli, 1, "record", "x", "severity=bad");
	assert_complains(cli, "not recorded");
	assert_complains(cli, "severity");
}

static void an_ill_formed_event_is_refused_with_the_reason(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 1, "record", "1name");
	assert_complains(cli, "not recorded: event name \"1name\"");
	CLI(cli, 1, "record", "");
	assert_complains(cli, "event name");
	CLI(cli, 1, "record", "x", "n:=NaN");
	assert_complains(cli, "not recorded");
	CLI(cli, 1, "record", "x", "n:=1 2");
	CLI(cli, 1, "record", "x", "a=1", "a=2");
	assert_complains(cli, "\"a\"");
	CLI(cli, 1, "record", "x", "t=\xff\xfe");
	assert_complains(cli, "UTF-8");
	assert_int_equal(access(cli->home, F_OK), -1); /* nothing of it left a trace */
}

static void a_key_that_is_none_is_left_out_and_said(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "x", "ok=1", "9lives=1");
	assert_complains(cli, "1 property was left out");
	CLI(cli, 0, "export");
	assert_says(cli, "\"properties\":{\"ok\":\"1\"}");
	assert_int_equal(cli_ask(cli, "SELECT events FROM refused WHERE reason = 'property_key'"),
			 1);
}

static void wrong_words_are_usage_errors(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 2, "record");
	assert_complains(cli, "NAME");
	CLI(cli, 2, "record", "x", "novalue");
	assert_complains(cli, "\"novalue\" is no property");
	CLI(cli, 2, "record", "x", "=1");
	CLI(cli, 2, "record", "x", "--severity", "loud");
	assert_complains(cli, "trace, debug, info, warn, error or fatal");
	CLI(cli, 2, "record", "x", "--time", "yesterday");
	CLI(cli, 2, "record", "x", "--durability", "maybe");
	CLI(cli, 2, "record", "x", "--name-field", "event");
	assert_complains(cli, "record -");
	assert_complains(cli, "Try: flightrec record --help");
}

static void programs_get_json(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "x", "--json");
	assert_says(cli, "{\"status\":\"ok\",\"eventId\":\"0");
	assert_says(cli, "\"consent\":\"local\",\"removedProperties\":0,\"reason\":null}\n");
	CLI(cli, 1, "record", "x x", "--json");
	assert_says(cli, "{\"status\":\"invalid\",\"eventId\":null,\"consent\":null");
	cli_variable(cli, "DO_NOT_TRACK", "1");
	CLI(cli, 1, "record", "x", "--json");
	assert_says(cli, "{\"status\":\"off\"");
	assert_says(cli, "DO_NOT_TRACK is set");
}

static void quiet_says_nothing_when_all_went_well(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "x", "-q");
	assert_string_equal(cli_output(cli), "");
	assert_string_equal(cli_errors(cli), "");
}

static void off_records_nothing_and_leaves_no_file(void **state)
{
	struct cli_fixture *cli = *state;

	cli_variable(cli, "DO_NOT_TRACK", "1");
	CLI(cli, 1, "record", "x");
	assert_complains(cli, "not recorded: off: DO_NOT_TRACK is set");
	CLI_GIVEN(cli, "{\"eventName\":\"x\"}\n", 1, "record", "-");
	assert_complains(cli, "not recorded: off: DO_NOT_TRACK is set");
	assert_int_equal(access(cli->home, F_OK), -1);
}

static void internal_events_need_an_insiders_environment(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"privacy\":{\"internal\":{\"env\":\"USER_TYPE\",\"value\":\"ant\"}}}");
	CLI(cli, 1, "record", "x", "--internal", "--json");
	assert_says(cli, "\"status\":\"not_internal\"");
	cli_variable(cli, "USER_TYPE", "ant");
	CLI(cli, 0, "record", "x", "--internal");
	CLI(cli, 0, "export");
	assert_says(cli, "\"internal\":true");
}

static void consent_on_marks_the_event_as_one_that_may_leave(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "record", "before");
	CLI(cli, 0, "consent", "on");
	CLI(cli, 0, "record", "after");
	assert_says_not(cli, "never leaves");
	CLI(cli, 0, "export", "--name", "before");
	assert_says(cli, "\"consent\":\"local\"");
	CLI(cli, 0, "export", "--name", "after");
	assert_says(cli, "\"consent\":\"on\"");
}

static void a_home_that_is_wrong_is_named(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX];

	(void)test_folder_path(&cli->folder, "real", path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(symlink(path, cli->home), 0);
	CLI(cli, 1, "record", "x");
	assert_complains(cli, "is a symbolic link");
	assert_complains(cli, cli->home);
	assert_int_equal(unlink(cli->home), 0);
	test_folder_write(&cli->folder, "home", "a file");
	CLI(cli, 1, "record", "x");
	assert_complains(cli, "is not a folder");
	CLI(cli, 1, "record", "x", "--home", "/proc/flightrec");
	assert_complains(cli, "/proc");
}

/* To root nothing is read-only: then it is somebody else who tries. */
static void a_home_that_cannot_be_written_is_named(void **state)
{
	struct cli_fixture *cli = *state;
	const struct passwd *nobody = getpwnam("nobody");
	char command[TEST_PATH_MAX * 2];
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	struct test_process *shell;
	int code;

	assert_int_equal(mkdir(cli->home, 0500), 0);
	(void)snprintf(command, sizeof command, "exec '%s' record x", FLIGHTREC_CLI);
	if (geteuid() == 0 && nobody != NULL) {
		assert_int_equal(chown(cli->folder.path, nobody->pw_uid, nobody->pw_gid), 0);
		assert_int_equal(chown(cli->home, nobody->pw_uid, nobody->pw_gid), 0);
		(void)snprintf(command, sizeof command,
			       "exec setpriv --reuid=%u --clear-groups '%s' record x",
			       (unsigned)nobody->pw_uid, FLIGHTREC_CLI);
	}
	shell = test_process_run(
		&(struct test_program){.argv = argv, .environment = cli->environment});
	code = test_process_wait(shell, 0);
	if (code == 126 || code == 127) {
		test_process_free(shell);
		skip(); /* there is no setpriv, or nobody may not read the program */
	}
	assert_int_equal(code, 1);
	assert_non_null(strstr(test_process_errors(shell), "not recorded: "));
	assert_non_null(strstr(test_process_errors(shell), cli->home));
	assert_non_null(strstr(test_process_errors(shell), "Permission denied"));
	test_process_free(shell);
}

/* Somebody keeps the lock for longer than anybody waits. */
static void a_queue_that_stays_locked_says_try_again(void **state)
{
	struct cli_fixture *cli = *state;
	struct test_process *one, *many;
	char path[TEST_PATH_MAX + 16];
	int lock;

	CLI(cli, 0, "record", "x");
	(void)snprintf(path, sizeof path, "%s/queue.lock", cli->home);
	lock = open(path, O_RDWR);
	assert_true(lock >= 0);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	one = CLI_START(cli, false, "record", "y");
	many = CLI_START(cli, true, "record", "-");
	assert_true(test_process_write(many, "{\"eventName\":\"a\"}\n{\"eventName\":\"b\"}\n"));
	test_process_close_input(many);
	assert_int_equal(test_process_wait(one, TEST_PATIENCE_MS), 75);
	assert_non_null(strstr(test_process_errors(one), "not recorded: "));
	assert_int_equal(test_process_wait(many, TEST_PATIENCE_MS), 75);
	assert_non_null(strstr(test_process_errors(many), "nothing was recorded from line 1 on"));
	assert_non_null(strstr(test_process_output(many), "committed 0 events"));
	test_process_free(one);
	test_process_free(many);
	CLI(cli, 75, "purge", "--yes");
	assert_int_equal(close(lock), 0);
	assert_int_equal(cli_ask(cli, "SELECT count(*) AS n FROM pending"), 1);
}

static void a_log_that_got_long_is_shortened_by_the_next_one(void **state)
{
	struct cli_fixture *cli = *state;
	const size_t lines = 6000;
	char *input = malloc(lines * 40 + 1);
	char path[TEST_PATH_MAX + 32];
	size_t length = 0;
	struct stat info;

	for (size_t i = 0; i < lines; i++)
		length += (size_t)snprintf(input + length, 41, "{\"eventName\":\"x\",\"n\":%zu}\n",
					   i);
	CLI_GIVEN(cli, input, 0, "record", "-", "--durability", "process");
	free(input);
	(void)snprintf(path, sizeof path, "%s/queue.db-wal", cli->home);
	CLI(cli, 0, "record", "x");
	CLI(cli, 0, "record", "x");
	assert_int_equal(stat(path, &info), 0);
	assert_true(info.st_size <= 2 * 1024 * 1024 + 128 * 1024);
	assert_int_equal(cli_ask(cli, "SELECT count(*) AS n FROM pending"), (long long)lines + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(an_event_is_committed_when_it_says_so),
		TEST(values_keep_their_types_and_their_digits),
		TEST(severity_time_and_service_are_options),
		TEST(reserved_members_are_taken_as_properties_would_be_written),
		TEST(an_ill_formed_event_is_refused_with_the_reason),
		TEST(a_key_that_is_none_is_left_out_and_said),
		TEST(wrong_words_are_usage_errors),
		TEST(programs_get_json),
		TEST(quiet_says_nothing_when_all_went_well),
		TEST(off_records_nothing_and_leaves_no_file),
		TEST(internal_events_need_an_insiders_environment),
		TEST(consent_on_marks_the_event_as_one_that_may_leave),
		TEST(a_home_that_is_wrong_is_named),
		TEST(a_home_that_cannot_be_written_is_named),
		TEST(a_queue_that_stays_locked_says_try_again),
		TEST(a_log_that_got_long_is_shortened_by_the_next_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* flightrec report: a session to quote, and a file that may be shown to others. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "delivery_fixture.h"

#define SECRET "0123456789abcdef0123456789abcdef"

static char *file_path(struct delivery *delivery, char path[TEST_PATH_MAX])
{
	(void)test_folder_path(&delivery->cli->folder, "report.txt", path);
	return path;
}

/* Makes one and returns its text, to be freed. */
static char *report(struct delivery *delivery, const char *last)
{
	char path[TEST_PATH_MAX];
	char *text;

	(void)remove(file_path(delivery, path));
	CLI(delivery->cli, 0, "report", "--last", last, "--out", path);
	text = test_file_read(path, NULL);
	assert_non_null(text);
	return text;
}

static void expect_in(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in\n%s", part, text);
}

static void expect_not_in(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" is in\n%s", part, text);
}

static void configure(struct delivery *delivery)
{
	delivery_configure(delivery,
			   "{\"service\":\"my-tool\",\"version\":\"1.2.3\",\"sinks\":[{\"name\":"
			   "\"main\",\"type\":\"first_party\",\"events\":[\"*\"],\"url\":"
			   "\"http://127.0.0.1:PORT/v1/events\",\"headers\":{\"Authorization\":"
			   "\"env:ASKED_SECRET\"}}]}");
	cli_variable(delivery->cli, "ASKED_SECRET", SECRET);
}

static void it_holds_what_helps_and_nobody_else_can_read_it(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;
	char path[TEST_PATH_MAX], session[64];
	struct stat facts;
	char *text;

	configure(delivery);
	CLI(cli, 0, "record", "tool_use_error", "toolName=edit_file");
	CLI(cli, 0, "record", "long_ago", "--time", "2020-01-01T00:00:00Z");
	CLI(cli, 0, "sql", "--csv", "SELECT session FROM pending ORDER BY id DESC LIMIT 1");
	(void)snprintf(session, sizeof session, "%.36s", strchr(cli_output(cli), '\n') + 1);
	text = report(delivery, "10m");
	assert_says(cli, session);
	assert_says(cli, "Nothing was sent.");
	expect_in(text, session);
	expect_in(text, "flightrec  ");
	expect_in(text, "SQLite     ");
	expect_in(text, "on: the owner chose on");
	expect_in(text, "<from env:ASKED_SECRET>");
	expect_in(text, "\"toolName\":\"edit_file\"");
	expect_not_in(text, "\"long_ago\"");
	assert_int_equal(lstat(file_path(delivery, path), &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0600);
	assert_int_equal(test_intake_stat(&delivery->intake, "requests"), 0);
	free(text);
}

/* The scrubber's own tests say what it finds; here, that all of it goes through. */
static void it_holds_no_secret_and_no_home(void **state)
{
	struct delivery *delivery = *state;
	char *text;

	configure(delivery);
	CLI(delivery->cli, 0, "record", "x");
	text = report(delivery, "10m");
	expect_not_in(text, SECRET);
	expect_not_in(text, delivery->cli->folder.path);
	expect_in(text, "~/");
	free(text);
}

static void what_servers_said_and_what_left_is_in_it_with_an_agent_too(void **state)
{
	struct delivery *delivery = *state;
	struct cli_fixture *cli = delivery->cli;
	char *text;

	configure(delivery);
	test_intake_fail(&delivery->intake,
			 "{\"fault\":\"status\",\"status\":400,\"name\":\"bad\",\"body\":"
			 "\"no such colour, ask mary.poppins@example.com\",\"accept\":0}");
	delivery_agent_start(delivery);
	CLI(cli, 0, "record", "good");
	CLI(cli, 0, "flush");
	CLI(cli, 0, "record", "bad");
	CLI(cli, 0, "flush");
	delivery_await(delivery, "SELECT dead FROM ledger", 1);
	text = report(delivery, "1h");
	expect_in(text, "good 1");
	expect_in(text, "HTTP 400");
	expect_not_in(text, "mary.poppins");
	expect_in(text, "agent     running");
	free(text);
}

static void a_broken_config_is_what_it_reports(void **state)
{
	struct delivery *delivery = *state;
	char *text;

	delivery_configure(delivery, "{}");
	CLI(delivery->cli, 0, "record", "x");
	delivery_configure(delivery, "{\"queue\":{\"max_bytes\":\"a lot\"}}");
	text = report(delivery, "10m");
	expect_in(text, "queue.max_bytes");
	expect_in(text, "\"eventName\":\"x\"");
	free(text);
}

static void a_file_that_is_there_stays_as_it_is(void **state)
{
	struct delivery *delivery = *state;
	char path[TEST_PATH_MAX];
	char *text;

	delivery_configure(delivery, "{}");
	CLI(delivery->cli, 0, "record", "x");
	test_folder_write(&delivery->cli->folder, "report.txt", "mine");
	CLI(delivery->cli, 1, "report", "--out", file_path(delivery, path));
	assert_complains(delivery->cli, "there is such a file already");
	text = test_file_read(path, NULL);
	assert_string_equal(text, "mine");
	free(text);
	CLI(delivery->cli, 0, "report", "--out", "-");
	assert_says(delivery->cli, "Flightrec report of default");
}

static void under_off_there_is_nothing_to_report(void **state)
{
	struct delivery *delivery = *state;
	char path[TEST_PATH_MAX];

	delivery_configure(delivery, "{}");
	CLI(delivery->cli, 0, "record", "x");
	CLI(delivery->cli, 0, "consent", "off");
	CLI(delivery->cli, 0, "report", "--out", file_path(delivery, path));
	assert_complains(delivery->cli, "Nothing recorded yet");
	assert_int_not_equal(remove(path), 0);
}

static void programs_are_told_the_same(void **state)
{
	struct delivery *delivery = *state;
	char path[TEST_PATH_MAX];

	delivery_configure(delivery, "{}");
	CLI(delivery->cli, 0, "record", "x");
	CLI(delivery->cli, 0, "report", "--json", "--out", file_path(delivery, path));
	assert_says(delivery->cli, "{\"session\":\"");
	assert_says(delivery->cli, "report.txt\",\"bytes\":");
	assert_says(delivery->cli, "{\"title\":\"status\",\"lines\":");
	CLI(delivery->cli, 2, "report", "--last", "soon");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		DELIVERY_TEST(it_holds_what_helps_and_nobody_else_can_read_it),
		DELIVERY_TEST(it_holds_no_secret_and_no_home),
		DELIVERY_TEST(what_servers_said_and_what_left_is_in_it_with_an_agent_too),
		DELIVERY_TEST(a_broken_config_is_what_it_reports),
		DELIVERY_TEST(a_file_that_is_there_stays_as_it_is),
		DELIVERY_TEST(under_off_there_is_nothing_to_report),
		DELIVERY_TEST(programs_are_told_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

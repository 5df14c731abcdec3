/* flightrec itself: help, options anywhere, what it says to what it does not understand. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli_fixture.h"

static const char *const commands[] = {
	"record", "status",  "ls",     "show",   "tail",   "preview", "sent",   "report", "flush",
	"apps",   "consent", "whoami", "config", "verify", "sql",     "export", "purge",  "help",
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void without_a_command_it_introduces_itself(void **state)
{
	struct cli_fixture *cli = *state;

	cli_run(cli, NULL, 0, 0, (const char *const[]){NULL});
	assert_says(cli, "Usage: flightrec [OPTION ...] COMMAND [ARGUMENT ...]");
	for (size_t i = 0; i < COMMANDS; i++) {
		char line[32];

		(void)snprintf(line, sizeof line, "\n  %-9s ", commands[i]);
		assert_says(cli, line);
	}
	CLI(cli, 0, "--help");
	assert_says(cli,
		    "Exit codes: 0 done, 1 something is wrong, 2 wrong usage, 75 try again later.");
	CLI(cli, 0, "--version");
	assert_int_equal(strncmp(cli_output(cli), "flightrec ", 10), 0);
}

static void every_command_explains_itself_with_examples(void **state)
{
	struct cli_fixture *cli = *state;

	for (size_t i = 0; i < COMMANDS; i++) {
		char usage[64], shown[8192];

		(void)snprintf(usage, sizeof usage, "Usage: flightrec %s ", commands[i]);
		CLI(cli, 0, "help", commands[i]);
		assert_says(cli, usage);
		assert_says(cli, "--home DIR");
		if (strcmp(commands[i], "help") != 0)
			assert_says(cli, "Examples:\n  ");
		(void)snprintf(shown, sizeof shown, "%s", cli_output(cli));
		CLI(cli, 0, commands[i], "--help");
		assert_string_equal(cli_output(cli), shown);
		CLI(cli, 0, "-h", commands[i], "--home=/nonexistent");
		assert_string_equal(cli_output(cli), shown);
	}
	assert_int_equal(access(cli->home, F_OK), -1);
}

static void help_fits_a_terminal_of_100_columns(void **state)
{
	struct cli_fixture *cli = *state;

	for (size_t i = 0; i < COMMANDS; i++) {
		CLI(cli, 0, "help", commands[i]);
		for (const char *line = cli_output(cli); *line != '\0';
		     line = strchr(line, '\n') + 1)
			if (strcspn(line, "\n") > 100)
				fail_msg("%s: %.130s", commands[i], line);
	}
}

static void what_it_does_not_know_it_says_with_the_way_on(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 2, "lss");
	assert_complains(cli, "there is no command \"lss\": did you mean ls?");
	assert_complains(cli, "Try: flightrec --help");
	CLI(cli, 2, "stauts");
	assert_complains(cli, "did you mean status?");
	CLI(cli, 2, "frobnicate");
	assert_complains(cli, "there is no command \"frobnicate\"\n");
	CLI(cli, 2, "help", "frobnicate");
	CLI(cli, 2, "ls", "--frobnicate");
	assert_complains(cli, "unknown option --frobnicate");
	assert_complains(cli, "Try: flightrec ls --help");
	CLI(cli, 2, "ls", "-x");
	assert_complains(cli, "unknown option -x");
	CLI(cli, 2, "ls", "extra");
	assert_complains(cli, "\"extra\" is more than it takes");
	CLI(cli, 2, "ls", "--all=yes");
	assert_complains(cli, "--all takes no value");
	CLI(cli, 2, "ls", "--last");
	assert_complains(cli, "--last wants a value: --last COUNT");
	CLI(cli, 2, "--frobnicate");
	CLI(cli, 2, "ls", "\033[31mred");
	assert_null(strchr(cli_errors(cli), 0x1b));
}

static void options_stand_before_and_behind_the_command(void **state)
{
	struct cli_fixture *cli = *state;
	char other[TEST_PATH_MAX];

	(void)test_folder_path(&cli->folder, "other", other);
	CLI(cli, 0, "--home", other, "record", "x", "-q");
	CLI(cli, 0, "ls", "--json", "--home", other);
	assert_says(cli, "\"eventName\":\"x\"");
	CLI(cli, 0, "--json", "ls", "--home=/nonexistent", "--home", other, "-n1");
	assert_says(cli, "\"eventName\":\"x\""); /* the last one counts */
	CLI(cli, 1, "record", "--", "-q");
	assert_complains(cli, "event name \"-q\"");
	CLI(cli, 0, "record", "y", "-qs", "warn");
	CLI(cli, 0, "ls", "-n", "1", "--json");
	assert_says(cli, "\"severity\":\"warn\"");
}

static void an_app_has_a_home_of_its_own(void **state)
{
	struct cli_fixture *cli = *state;

	cli_variable(cli, "FLIGHTREC_HOME", "");
	CLI(cli, 0, "record", "one", "--app", "first");
	cli_variable(cli, "FLIGHTREC_APP", "second");
	CLI(cli, 0, "record", "two");
	CLI(cli, 0, "ls", "--app", "first", "--json");
	assert_says(cli, "\"one\"");
	assert_says_not(cli, "\"two\"");
	CLI(cli, 0, "ls", "--json");
	assert_says(cli, "\"two\"");
	CLI(cli, 2, "ls", "--app", "No/Good");
	assert_complains(cli, "app \"No/Good\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(without_a_command_it_introduces_itself),
		TEST(every_command_explains_itself_with_examples),
		TEST(help_fits_a_terminal_of_100_columns),
		TEST(what_it_does_not_know_it_says_with_the_way_on),
		TEST(options_stand_before_and_behind_the_command),
		TEST(an_app_has_a_home_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

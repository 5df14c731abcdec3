/* flightrec consent and config: what the owner decides, and what the config says. */
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_fixture.h"

static void without_a_word_it_says_what_holds(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "consent");
	assert_string_equal(cli_output(cli),
			    "local: nobody has chosen, the built-in default is local\n");
	assert_int_equal(access(cli->home, F_OK), -1);
	CLI(cli, 0, "consent", "--json");
	assert_says(cli, "{\"level\":\"local\",\"source\":\"built-in\",\"why\":\"local: ");
}

static void a_choice_is_stored_with_its_date(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX + 16];
	char *text;

	CLI(cli, 0, "consent", "on");
	assert_says(cli, "on: the owner chose on, 20");
	(void)snprintf(path, sizeof path, "%s/consent.json", cli->home);
	text = test_file_read(path, NULL);
	assert_non_null(text);
	assert_ptr_equal(strstr(text, "{\"consent\":\"on\",\"chosen\":\"20"), text);
	free(text);
	CLI(cli, 0, "consent", "local", "--json");
	assert_says(cli, "\"choice\":\"local\",\"chosenAt\":\"20");
	CLI(cli, 2, "consent", "maybe");
	assert_complains(cli, "on, local or off");
	CLI(cli, 2, "consent", "on", "off");
}

static void a_stricter_rule_is_said_at_once(void **state)
{
	struct cli_fixture *cli = *state;

	cli_variable(cli, "DO_NOT_TRACK", "1");
	CLI(cli, 0, "consent", "on");
	assert_says(cli, "off: DO_NOT_TRACK is set (the owner chose on, 20");
	assert_complains(cli, "you chose on, and something stricter holds here");
}

static void only_what_stands_for_the_choice_is_left(const char *home)
{
	DIR *folder = opendir(home);
	const struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "consent.json") != 0 &&
		    strcmp(entry->d_name, "queue.lock") != 0)
			fail_msg("%s is left", entry->d_name);
	}
	(void)closedir(folder);
}

static void off_deletes_the_queue_and_says_what_was_deleted(void **state)
{
	struct cli_fixture *cli = *state;
	long long began;

	CLI_GIVEN(cli, "{\"eventName\":\"x\"}\n{\"eventName\":\"y\"}\n", 0, "record", "-");
	began = test_now_ms();
	CLI(cli, 0, "consent", "off");
	assert_true(test_now_ms() - began < (RUNS_SANITIZED ? 5000 : 1000));
	assert_says(cli, "off: the owner chose off, 20");
	assert_says(cli, "Deleted 2 events (");
	assert_says(cli, " files).\n");
	only_what_stands_for_the_choice_is_left(cli->home);
	CLI(cli, 1, "record", "x");
	assert_complains(cli, "not recorded: off: the owner chose off");
	only_what_stands_for_the_choice_is_left(cli->home);
	CLI(cli, 0, "consent", "off", "--json");
	assert_says(cli, "\"deleted\":{\"events\":0,\"bytes\":0,\"files\":0}}");
	CLI(cli, 0, "consent", "local");
	CLI(cli, 0, "record", "x");
}

static void off_works_where_nothing_ever_was(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "consent", "off");
	assert_says(cli, "There was no queue to delete.\n");
	only_what_stands_for_the_choice_is_left(cli->home);
	CLI(cli, 0, "status");
	assert_says(cli, "consent   off: the owner chose off");
	assert_says(cli, "agent     not running\n"); /* and nothing waits for it */
}

/* A program that was killed while it looked leaves a copy behind. */
static void off_deletes_copies_that_a_crash_left(void **state)
{
	struct cli_fixture *cli = *state;
	char folder[TEST_PATH_MAX + 16], file[TEST_PATH_MAX + 32];
	FILE *copy;

	CLI(cli, 0, "record", "x");
	(void)snprintf(folder, sizeof folder, "%s/look-killed", cli->home);
	(void)snprintf(file, sizeof file, "%s/queue.db", folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	copy = fopen(file, "w");
	assert_non_null(copy);
	(void)fputs("everything recorded", copy);
	assert_int_equal(fclose(copy), 0);
	CLI(cli, 0, "ls"); /* it may be in use: it is too young */
	assert_int_equal(access(file, F_OK), 0);
	CLI(cli, 0, "consent", "off");
	only_what_stands_for_the_choice_is_left(cli->home);
}

static void looking_sweeps_old_copies_up(void **state)
{
	struct cli_fixture *cli = *state;
	struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	char folder[TEST_PATH_MAX + 16];

	CLI(cli, 0, "record", "x");
	(void)snprintf(folder, sizeof folder, "%s/look-old", cli->home);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(utimensat(AT_FDCWD, folder, times, 0), 0);
	CLI(cli, 0, "ls");
	assert_int_equal(access(folder, F_OK), -1);
}

static void off_deletes_a_damaged_queue_too(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX + 16];
	FILE *file;

	CLI(cli, 0, "record", "x");
	(void)snprintf(path, sizeof path, "%s/queue.db", cli->home);
	file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("this is no database", file);
	assert_int_equal(fclose(file), 0);
	CLI(cli, 0, "consent", "off");
	assert_says(cli, "Deleted all events (");
	only_what_stands_for_the_choice_is_left(cli->home);
}

/* ---- config ---- */

static void a_good_config_is_called_that(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "config", "check");
	assert_says(cli, "no config, the defaults: good, 0 sinks\n");
	cli_config(cli,
		   "{ // a comment\n\"sinks\":[{\"name\":\"f\",\"type\":\"file\",\"path\":\"x\","
		   "\"events\":[\"*\"]}]}");
	CLI(cli, 0, "config", "check");
	assert_says(cli, "config.json: good, 1 sink\n");
	CLI(cli, 0, "config", "check", "--json");
	assert_says(cli, "\"error\":null,\"problems\":[],\"ok\":true}\n");
}

static void every_mistake_is_named_with_file_line_and_key(void **state)
{
	static const struct {
		const char *config;
		const char *text;
	} wrong[] = {
		{"{\n\"queeu\":{}}", "config.json:2: queeu"},
		{"{\n\n\"queue\":{\"max_bytes\":\"64 bananas\"}}",
		 "config.json:3: queue.max_bytes"},
		{"{\"sinks\":[{\"name\":\"a\",\"type\":\"file\",\"path\":\"x\"},\n"
		 "{\"name\":\"a\",\"type\":\"file\",\"path\":\"y\"}]}",
		 "config.json:2: sinks[1].name"},
		{"{\"sinks\":[{\"name\":\"a\",\"type\":\"first_party\",\n"
		 "\"url\":\"http://example.com/\"}]}",
		 "config.json:2: sinks[0].url"},
		{"{", "config.json:1"},
	};
	struct cli_fixture *cli = *state;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		cli_config(cli, wrong[i].config);
		CLI(cli, 1, "config", "check");
		assert_complains(cli, wrong[i].text);
		CLI(cli, 1, "config", "check", "--json");
		assert_says(cli, wrong[i].text);
		assert_says(cli, "\"ok\":false}\n");
		CLI(cli, 1, "config", "show");
		assert_complains(cli, wrong[i].text);
	}
}

static void what_somebody_should_know_is_said_too(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli,
		   "{\"sinks\":[{\"name\":\"dd\",\"type\":\"datadog\",\"site\":\"datadoghq.com\","
		   "\"api_key\":\"env:DD_API_KEY\","
		   "\"events\":[\"*\"]},{\"name\":\"mute\",\"type\":\"file\",\"path\":\"x\"}]}");
	CLI(cli, 1, "config", "check");
	assert_complains(cli, "DD_API_KEY");
	assert_complains(cli, "sinks[1]: may send nothing");
	cli_variable(cli, "DD_API_KEY", "0123456789abcdef");
	CLI(cli, 1, "config", "check");
	assert_null(strstr(cli_errors(cli), "DD_API_KEY"));
}

static void a_config_elsewhere_can_be_checked(void **state)
{
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX];

	test_folder_write(&cli->folder, "other.json", "{\"service\":7}");
	CLI(cli, 1, "config", "check", test_folder_path(&cli->folder, "other.json", path));
	assert_complains(cli, "other.json:1: service");
	CLI(cli, 1, "config", "check", "missing.json");
	assert_complains(cli, "missing.json");
	CLI(cli, 1, "preview", "--config", "missing.json");
	assert_complains(cli, "missing.json");
	CLI(cli, 2, "config");
	CLI(cli, 2, "config", "frobnicate");
	CLI(cli, 2, "config", "show", "me");
}

static void show_says_where_each_value_comes_from_and_no_secret(void **state)
{
	struct cli_fixture *cli = *state;

	cli_variable(cli, "DD_API_KEY", "0123456789abcdef");
	cli_config(cli, "{\n\"queue\":{\"max_age\":\"7d\"},\n\"sinks\":[{\"name\":\"dd\",\n"
			"\"type\":\"datadog\",\"site\":\"datadoghq.com\",\n\"api_key\":\"env:DD_"
			"API_KEY\",\"events\":[\"*\"]}]}");
	CLI(cli, 0, "config", "show");
	assert_says(cli, "queue.max_age");
	assert_says(cli, "config.json:2");
	assert_says(cli, "<from env:DD_API_KEY>");
	assert_says_not(cli, "0123456789abcdef");
	CLI(cli, 0, "config", "show", "--json");
	assert_says(cli, "{\"key\":\"queue.max_age\",\"value\":\"7d\",\"origin\":\"");
	assert_says_not(cli, "0123456789abcdef");
}

static void the_reference_lists_every_key(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 0, "config", "reference");
	assert_says(cli, "queue.max_bytes");
	assert_says(cli, "max_wait");
	assert_says(cli, "|");
}

static void a_wrong_config_does_not_stop_recording_by_its_sinks(void **state)
{
	struct cli_fixture *cli = *state;

	cli_config(cli, "{\"sinks\":[{\"name\":\"a\",\"type\":\"from_the_future\"}]}");
	CLI(cli, 0, "record", "x");
	CLI(cli, 1, "preview");
	CLI(cli, 1, "flush");
	cli_config(cli, "{\"queue\":{\"max_bytes\":7}}");
	CLI(cli, 1, "record", "x");
	assert_complains(cli, "config.json:1: queue.max_bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(without_a_word_it_says_what_holds),
		TEST(a_choice_is_stored_with_its_date),
		TEST(a_stricter_rule_is_said_at_once),
		TEST(off_deletes_the_queue_and_says_what_was_deleted),
		TEST(off_works_where_nothing_ever_was),
		TEST(off_deletes_copies_that_a_crash_left),
		TEST(looking_sweeps_old_copies_up),
		TEST(off_deletes_a_damaged_queue_too),
		TEST(a_good_config_is_called_that),
		TEST(every_mistake_is_named_with_file_line_and_key),
		TEST(what_somebody_should_know_is_said_too),
		TEST(a_config_elsewhere_can_be_checked),
		TEST(show_says_where_each_value_comes_from_and_no_secret),
		TEST(the_reference_lists_every_key),
		TEST(a_wrong_config_does_not_stop_recording_by_its_sinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* flightrec consent --all: one choice for every app on this machine. */
#include "support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_fixture.h"

static int set_up(void **state)
{
	int code = cli_set_up(state);

	if (code == 0)
		cli_variable(*state, "FLIGHTREC_HOME", ""); /* each app in its own */
	return code;
}

static const char *app_file(const struct cli_fixture *cli, const char *app, const char *name,
			    char out[TEST_PATH_MAX])
{
	int length = snprintf(out, TEST_PATH_MAX, "%s/.local/state/flightrec/%s/%s",
			      cli->folder.path, app, name);

	assert_in_range(length, 1, TEST_PATH_MAX - 1);
	return out;
}

static void app_write(const struct cli_fixture *cli, const char *app, const char *name,
		      const char *text)
{
	char path[TEST_PATH_MAX];
	FILE *file = fopen(app_file(cli, app, name, path), "w");

	assert_non_null(file);
	(void)fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static bool app_has(const struct cli_fixture *cli, const char *app, const char *name)
{
	char path[TEST_PATH_MAX];

	return access(app_file(cli, app, name, path), F_OK) == 0;
}

/* Nothing that was recorded is left, nor who recorded it. */
static void expect_no_trace(const struct cli_fixture *cli, const char *app)
{
	static const char *const may_stay[] = {"consent.json", "queue.lock", "agent.lock",
					       "agent.sock", "wake.sock"};
	char path[TEST_PATH_MAX];
	DIR *folder = opendir(app_file(cli, app, ".", path));
	const struct dirent *entry;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		bool may = entry->d_name[0] == '.';

		for (size_t i = 0; i < sizeof may_stay / sizeof *may_stay; i++)
			may = may || strcmp(entry->d_name, may_stay[i]) == 0;
		if (!may)
			fail_msg("%s of %s is left", entry->d_name, app);
	}
	(void)closedir(folder);
	assert_true(app_has(cli, app, "consent.json"));
}

static void record_in_three_apps(struct cli_fixture *cli)
{
	CLI_GIVEN(cli, "{\"eventName\":\"x\"}\n{\"eventName\":\"y\"}\n", 0, "record", "-", "--app",
		  "alpha");
	CLI(cli, 0, "record", "x", "--app", "beta");
	CLI(cli, 0, "record", "x", "--app", "gamma");
}

static void off_deletes_what_every_app_recorded_and_says_so_app_by_app(void **state)
{
	struct cli_fixture *cli = *state;

	record_in_three_apps(cli);
	app_write(cli, "beta", "queue.db.damaged-20261122T083500Z", "a damaged copy");
	app_write(cli, "beta", "queue.db-wal.damaged-20261122T083500Z", "and its log");
	app_write(cli, "gamma", "queue.db", "this is no database");
	app_write(cli, "gamma", "notice.json", "{\"shown\":\"2026-11-22T08:35:00.000000Z\"}\n");
	CLI(cli, 0, "consent", "off", "--all");
	assert_says(cli, "alpha: off: the owner chose off, 20");
	assert_says(cli, "Deleted 2 events (");
	assert_says(cli, "beta: off: the owner chose off, 20");
	assert_says(cli, "Deleted 1 event (");
	assert_says(cli, "gamma: off: the owner chose off, 20");
	assert_says(cli, "Deleted all events (");
	expect_no_trace(cli, "alpha");
	expect_no_trace(cli, "beta");
	expect_no_trace(cli, "gamma");
	CLI(cli, 1, "record", "x", "--app", "alpha");
	assert_complains(cli, "off: the owner chose off");
	CLI(cli, 0, "consent", "off", "--all", "--json");
	assert_says(cli, "[{\"app\":\"alpha\",\"level\":\"off\",");
	assert_says(cli, "\"deleted\":{\"events\":0,\"bytes\":0,\"files\":0}},{\"app\":\"beta\",");
}

static struct test_process *agent_start(const struct cli_fixture *cli, const char *app)
{
	char home[TEST_PATH_MAX];
	const char *const argv[] = {FLIGHTRECD, "--home", app_file(cli, app, ".", home), NULL};
	struct test_process *agent = test_process_start(
		&(struct test_program){.argv = argv, .environment = cli->environment});

	if (!test_process_await_errors(agent, "agent.started", TEST_PATIENCE_MS))
		fail_msg("%s", test_process_errors(agent));
	return agent;
}

static void agent_stop(struct test_process *agent)
{
	assert_int_equal(test_process_stop(agent), 0);
	test_process_free(agent);
}

static void off_goes_past_the_agents_that_run(void **state)
{
	struct cli_fixture *cli = *state;
	struct test_process *alpha, *beta;

	record_in_three_apps(cli);
	alpha = agent_start(cli, "alpha");
	beta = agent_start(cli, "beta");
	CLI(cli, 0, "consent", "off", "--all");
	assert_says(cli, "Deleted 2 events (");
	expect_no_trace(cli, "alpha");
	expect_no_trace(cli, "beta");
	expect_no_trace(cli, "gamma");
	CLI(cli, 0, "consent", "local", "--app", "alpha");
	CLI(cli, 0, "record", "x", "--app", "alpha"); /* and the agent is none the worse */
	CLI(cli, 0, "status", "--app", "alpha", "--json");
	assert_says(cli, "\"running\":true");
	assert_says(cli, "\"events\":1,");
	agent_stop(alpha);
	agent_stop(beta);
}

static void on_and_local_are_said_to_all_too(void **state)
{
	struct cli_fixture *cli = *state;

	record_in_three_apps(cli);
	CLI(cli, 0, "consent", "on", "--all");
	assert_says(cli, "gamma: on: the owner chose on, 20");
	CLI(cli, 0, "consent", "local", "--app", "beta");
	CLI(cli, 0, "consent", "--all");
	assert_says(cli, "alpha: on: the owner chose on, 20");
	assert_says(cli, "beta: local: the owner chose local, 20");
	CLI(cli, 0, "status", "--app", "alpha", "--json");
	assert_says(cli, "\"events\":2,"); /* nothing was deleted */
}

static void an_app_that_fails_does_not_keep_the_others(void **state)
{
	struct cli_fixture *cli = *state;
	char alpha[TEST_PATH_MAX], apart[TEST_PATH_MAX], queue[TEST_PATH_MAX];

	record_in_three_apps(cli);
	assert_int_equal(rename(app_file(cli, "alpha", "", alpha),
				test_folder_path(&cli->folder, "apart", apart)),
			 0);
	alpha[strlen(alpha) - 1] = '\0'; /* a link has no slash behind it */
	assert_int_equal(symlink(apart, alpha), 0);
	CLI(cli, 1, "consent", "off", "--all");
	assert_complains(cli, "alpha");
	expect_no_trace(cli, "beta");
	expect_no_trace(cli, "gamma");
	assert_int_equal(access(test_folder_path(&cli->folder, "apart/queue.db", queue), F_OK),
			 0); /* what a link leads to is not ours */
}

static void all_takes_no_app_and_no_home_and_says_when_there_is_none(void **state)
{
	struct cli_fixture *cli = *state;

	CLI(cli, 2, "consent", "off", "--all", "--app", "alpha");
	assert_complains(cli, "it takes no --app and no --home");
	CLI(cli, 2, "consent", "off", "--all", "--home", cli->home);
	CLI(cli, 0, "consent", "off", "--all");
	assert_complains(cli, "no app has recorded anything yet in ");
	CLI(cli, 0, "consent", "off", "--all", "--json");
	assert_string_equal(cli_output(cli), "[]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, cli_tear_down)
		TEST(off_deletes_what_every_app_recorded_and_says_so_app_by_app),
		TEST(off_goes_past_the_agents_that_run),
		TEST(on_and_local_are_said_to_all_too),
		TEST(an_app_that_fails_does_not_keep_the_others),
		TEST(all_takes_no_app_and_no_home_and_says_when_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* flightrecd as a program: its options, --check-config, --drain, consent, and doing nothing. */
#include "support/test.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent_fixture.h"
#include "base/file.h"

/* A crowded machine was seen to stand still for half a minute. */
enum { NOT_WAITED_MS = 100000 };

static const char rows[] = "SELECT count(*) FROM pending";

/* Runs it to its end; the caller frees. */
static struct test_process *run(struct agent_fixture *fixture, int code, const char *const *words)
{
	struct test_process *process = agent_launch(fixture, words);
	int ended = test_process_wait(process, 2 * TEST_PATIENCE_MS);

	if (ended != code)
		fail_msg("it ends with %d, not %d: %s", ended, code, test_process_errors(process));
	return process;
}
#define RUN(fixture, code, ...) run(fixture, code, (const char *const[]){__VA_ARGS__, NULL})

static void it_says_what_it_is_and_what_it_takes(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_process *process = RUN(fixture, 0, "--help");

	assert_non_null(strstr(test_process_output(process), "Usage: flightrecd"));
	assert_non_null(strstr(test_process_output(process), "--check-config"));
	test_process_free(process);
	process = RUN(fixture, 0, "--version");
	assert_string_equal(test_process_output(process), "flightrecd " FR_VERSION "\n");
	test_process_free(process);
}

static void wrong_usage_is_told_and_ends_with_2(void **state)
{
	static const struct {
		const char *words[4];
		const char *text;
	} wrong[] = {
		{{"--frobnicate"}, "--frobnicate is no option of flightrecd"},
		{{"file"}, "takes no arguments: file"},
		{{"--app"}, "--app needs a value"},
		{{"--log-level", "loud"}, "write error, warning, info or debug"},
		{{"--timeout", "3s"}, "--timeout goes with --drain"},
		{{"--drain", "--timeout", "soon"}, "soon is not a duration"},
		{{"--drain", "--check-config"}, "exclude each other"},
	};
	struct agent_fixture *fixture = *state;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct test_process *process = run(fixture, 2, wrong[i].words);

		if (strstr(test_process_errors(process), wrong[i].text) == NULL)
			fail_msg("%s", test_process_errors(process));
		assert_non_null(strstr(test_process_errors(process), "--help"));
		test_process_free(process);
	}
}

static void a_config_is_checked_without_touching_anything(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_process *process;
	char path[TEST_PATH_MAX];

	agent_configure_one_sink(fixture, "");
	process = RUN(fixture, 0, "--check-config");
	assert_non_null(strstr(test_process_output(process), "fine, 1 sink\n"));
	test_process_free(process);
	agent_configure(fixture, "{\"sinks\":[{\"name\":\"mute\",\"type\":\"file\",\"path\":"
				 "\"out\"}]}");
	process = RUN(fixture, 0, "--check-config");
	assert_non_null(strstr(test_process_errors(process), "note: "));
	test_process_free(process);
	agent_configure(fixture, "{\n\n\"sinks\": 7}");
	process = RUN(fixture, 1, "--check-config");
	assert_non_null(strstr(test_process_errors(process), "config.json:3"));
	test_process_free(process);
	assert_int_equal(fr_path_join(path, fixture->home, "agent.lock", NULL), FR_OK);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(fr_path_join(path, fixture->home, "queue.db", NULL), FR_OK);
	assert_int_equal(access(path, F_OK), -1);
}

static void with_a_wrong_config_it_does_not_start(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_process *process;

	agent_configure(fixture, "{\"sinks\":[{}]}");
	process = run(fixture, 1, NULL);
	assert_non_null(strstr(test_process_errors(process), "config.json:1"));
	test_process_free(process);
}

/* ---- drain ---- */

static void a_drain_delivers_everything_and_ends_with_0(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	agent_record(fixture, "e", 250);
	test_process_free(RUN(fixture, 0, "--drain"));
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 250);
	assert_int_equal(agent_ask_queue(fixture, rows), 0);
	test_process_free(RUN(fixture, 0, "--drain"));
}

static void a_drain_that_leaves_something_ends_with_75(void **state)
{
	struct agent_fixture *fixture = *state;
	long long start = test_now_ms();

	/* what it may not wait for would take ten minutes and more */
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"},\"timeout\":\"10m\"");
	agent_record(fixture, "e", 10);
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":401}");
	test_process_free(RUN(fixture, 75, "--drain"));
	assert_in_range(test_now_ms() - start, 0, NOT_WAITED_MS);
	test_intake_heal(&fixture->intake);
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\"}");
	start = test_now_ms();
	test_process_free(RUN(fixture, 75, "--drain", "--timeout", "500ms"));
	assert_in_range(test_now_ms() - start, 500, NOT_WAITED_MS);
	test_intake_heal(&fixture->intake);
	test_intake_fail(&fixture->intake, "{\"fault\":\"status\",\"status\":500}");
	test_process_free(RUN(fixture, 75, "--drain", "--timeout", "2s"));
	test_intake_heal(&fixture->intake);
	test_process_free(RUN(fixture, 0, "--drain"));
	assert_int_equal(test_intake_stat(&fixture->intake, "events_distinct"), 10);
	assert_int_equal(test_intake_stat(&fixture->intake, "replays_different"), 0);
}

static void a_drain_sends_nothing_that_the_owner_holds_back(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	agent_record(fixture, "e", 10);
	agent_choose(fixture, "local");
	test_process_free(RUN(fixture, 75, "--drain"));
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 0);
	agent_choose(fixture, "on");
	test_process_free(RUN(fixture, 0, "--drain"));
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 10);
}

static void what_is_not_to_be_sent_is_not_left_over(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure(fixture, "{}");
	agent_record(fixture, "e", 10);
	test_process_free(RUN(fixture, 0, "--drain")); /* no sink wants it */
	assert_int_equal(agent_ask_queue(fixture, rows), 10);
	agent_choose(fixture, "local");
	agent_record(fixture, "private", 10);
	agent_choose(fixture, "on");
	agent_configure_one_sink(fixture, "");
	test_process_free(RUN(fixture, 0, "--drain"));
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 10);
	assert_int_equal(agent_ask_queue(fixture, rows), 10);
}

/* ---- consent ---- */

/* How many descriptors of the agent lead to the queue. */
static int count_queue_descriptors(const struct agent_fixture *fixture)
{
	char folder[64], path[512], target[TEST_PATH_MAX];
	struct dirent *entry;
	DIR *descriptors;
	int count = 0;

	(void)snprintf(folder, sizeof folder, "/proc/%ld/fd",
		       (long)test_process_id(fixture->agent));
	descriptors = opendir(folder);
	assert_non_null(descriptors);
	while ((entry = readdir(descriptors)) != NULL) {
		ssize_t length;

		(void)snprintf(path, sizeof path, "%s/%.100s", folder, entry->d_name);
		length = readlink(path, target, sizeof target - 1);
		target[length > 0 ? length : 0] = '\0';
		count += strstr(target, "queue.db") != NULL;
	}
	(void)closedir(descriptors);
	return count;
}

static void await_queue_closed(const struct agent_fixture *fixture)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	while (count_queue_descriptors(fixture) > 0) {
		assert_true(test_now_ms() < deadline);
		test_sleep_ms(10);
	}
}

static void under_off_it_lets_go_of_the_queue_and_serves_again_after_on(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 1);
	agent_await_intake(fixture, "events_received", 1);
	assert_true(count_queue_descriptors(fixture) > 0);
	agent_choose(fixture, "off");
	assert_true(agent_says(fixture, "POST", "/reload", 200, "{\"reloaded\":true}"));
	assert_int_equal(count_queue_descriptors(fixture), 0);
	assert_true(agent_says(fixture, "GET", "/status", 200, "\"state\":\"resting\""));
	/* without a word from the tool, the next event is enough */
	agent_choose(fixture, "on");
	agent_record(fixture, "e", 1);
	agent_await_intake(fixture, "events_received", 2);
}

static void off_ends_even_a_request_under_way(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	test_intake_fail(&fixture->intake, "{\"fault\":\"hang\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 1);
	agent_await_intake(fixture, "requests", 1);
	agent_choose(fixture, "off");
	test_process_signal(fixture->agent, SIGHUP);
	await_queue_closed(fixture);
	test_sleep_ms(200);
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 1);
}

static void under_local_nothing_more_is_sent(void **state)
{
	struct agent_fixture *fixture = *state;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"1h\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 10);
	agent_choose(fixture, "local");
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=20000", 200, "\"done\":false"));
	assert_true(agent_says(fixture, "GET", "/healthz", 200, "holding"));
	assert_int_equal(test_intake_stat(&fixture->intake, "requests"), 0);
	agent_choose(fixture, "on");
	assert_true(agent_says(fixture, "POST", "/flush?timeout_ms=20000", 200, "\"done\":true"));
	assert_int_equal(test_intake_stat(&fixture->intake, "events_received"), 10);
}

static void under_off_and_without_a_home_it_ends_and_leaves_no_trace(void **state)
{
	struct agent_fixture *fixture = *state;
	struct test_process *process;

	(void)test_folder_path(&fixture->folder, "never", fixture->home);
	fixture->variable = "DO_NOT_TRACK=1";
	agent_configure_one_sink(fixture, "");
	process = run(fixture, 0, NULL);
	assert_non_null(strstr(test_process_errors(process), "DO_NOT_TRACK"));
	assert_int_equal(access(fixture->home, F_OK), -1);
	test_process_free(process);
}

/* ---- doing nothing ---- */

/* Every wake-up of the process, whatever for, is a context switch. */
static long count_switches(const struct agent_fixture *fixture)
{
	char path[64], line[256];
	long total = 0;
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%ld/status",
		       (long)test_process_id(fixture->agent));
	file = fopen(path, "re");
	if (file == NULL)
		skip();
	while (fgets(line, sizeof line, file) != NULL)
		if (strstr(line, "ctxt_switches:") != NULL)
			total += strtol(strchr(line, ':') + 1, NULL, 10);
	(void)fclose(file);
	assert_true(total > 0);
	return total;
}

static long long file_size(const struct agent_fixture *fixture, const char *name)
{
	char path[TEST_PATH_MAX];

	assert_int_equal(fr_path_join(path, fixture->home, name, NULL), FR_OK);
	return (long long)fr_file_size(path);
}

static void with_an_empty_queue_it_sleeps_for_good(void **state)
{
	struct agent_fixture *fixture = *state;
	long before;

	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_start(fixture);
	agent_record(fixture, "e", 20);
	agent_await_queue(fixture, rows, 0);
	test_sleep_ms(4000);
	assert_int_equal(file_size(fixture, "queue.db-wal"), 0); /* tidied up before it went */
	before = count_switches(fixture);
	test_sleep_ms(3000);
	assert_int_equal(count_switches(fixture), before);
	agent_record(fixture, "e", 1); /* and is there at once */
	agent_await_intake(fixture, "events_received", 21);
}

/* Its private memory that no file backs, in KiB. */
static long anonymous_kib(const struct agent_fixture *fixture)
{
	char path[64], line[256];
	long kib = -1;
	FILE *file;

	(void)snprintf(path, sizeof path, "/proc/%ld/status",
		       (long)test_process_id(fixture->agent));
	file = fopen(path, "re");
	if (file == NULL)
		skip();
	while (fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "RssAnon:", 8) == 0)
			kib = strtol(line + 8, NULL, 10);
	(void)fclose(file);
	return kib;
}

static void its_memory_stays_under_six_megabytes(void **state)
{
	struct agent_fixture *fixture = *state;

	if (RUNS_SANITIZED)
		skip();
	agent_configure_one_sink(fixture, "\"batch\":{\"max_wait\":\"0s\"}");
	agent_record(fixture, "e", 20000);
	agent_start(fixture);
	agent_await_queue(fixture, rows, 0);
	(void)agent_says(fixture, "GET", "/status", 200, "main");
	assert_in_range(anonymous_kib(fixture), 1, 6 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		AGENT_TEST(it_says_what_it_is_and_what_it_takes),
		AGENT_TEST(wrong_usage_is_told_and_ends_with_2),
		AGENT_TEST(a_config_is_checked_without_touching_anything),
		AGENT_TEST(with_a_wrong_config_it_does_not_start),
		AGENT_TEST(a_drain_delivers_everything_and_ends_with_0),
		AGENT_TEST(a_drain_that_leaves_something_ends_with_75),
		AGENT_TEST(a_drain_sends_nothing_that_the_owner_holds_back),
		AGENT_TEST(what_is_not_to_be_sent_is_not_left_over),
		AGENT_TEST(under_off_it_lets_go_of_the_queue_and_serves_again_after_on),
		AGENT_TEST(off_ends_even_a_request_under_way),
		AGENT_TEST(under_local_nothing_more_is_sent),
		AGENT_TEST(under_off_and_without_a_home_it_ends_and_leaves_no_trace),
		AGENT_TEST(with_an_empty_queue_it_sleeps_for_good),
		AGENT_TEST(its_memory_stays_under_six_megabytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

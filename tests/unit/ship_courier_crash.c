/* The courier is killed at each of its named points, and at those of the queue and the file below
 * it, at every passing; what is started after it finishes the work. The sink is a file, which shows
 * each line that was ever written: every event stands in it exactly once.
 */
#include "support/test.h"

#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ship/courier.h"
#include "support/queue_fixture.h"
#include "unit/sink_fixture.h"

enum { EVENTS = 25, PASSINGS = 4, KILLED = 128 + SIGKILL };

static const char *this_program;

/* ---- the program that is killed ---- */

static bool deliver_all(struct fr_courier_options *options)
{
	struct fr_courier *courier = NULL;
	struct fr_error err = {.text = ""};
	int i;

	if (fr_courier_new(&courier, options, &err) != FR_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
		return false;
	}
	for (i = 0; i < 100 && !fr_courier_is_done(courier); i++) {
		fr_courier_flush(courier);
		(void)event_base_loop(options->loop, EVLOOP_NONBLOCK);
	}
	fr_courier_free(courier);
	return i < 100;
}

static int agent(const char *home, const char *path)
{
	struct fr_sink_settings settings = sink_settings("file");
	struct fr_sink_want want = {"local", "file", 0};
	struct fr_error err = {.text = ""};
	struct fr_courier_options options;
	struct fr_queue *queue;
	struct fr_env env;
	bool done;

	fr_env_real(&env);
	const struct fr_queue_options open = {.home = home,
					      .env = &env,
					      .max_bytes = FR_QUEUE_BYTES_DEFAULT,
					      .busy_ms = 1000,
					      .exclusive_agent = true};
	settings.name = "local";
	settings.path = path;
	settings.max_events = 10;
	if (fr_queue_open(&queue, &open, &err) != FR_OK ||
	    fr_sinks_set(queue, &want, 1, &err) != FR_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	options = (struct fr_courier_options){.loop = event_base_new(),
					      .queue = queue,
					      .env = &env,
					      .settings = &settings,
					      .sink = want.id};
	done = deliver_all(&options);
	event_base_free(options.loop);
	fr_queue_close(queue);
	return done ? 0 : 1;
}

/* ---- the test ---- */

/* Its exit code, or KILLED. */
static int run_agent(const char *home, const char *path, const char *crash)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)setenv("FLIGHTREC_CRASH", crash, 1);
		(void)execl(this_program, this_program, home, path, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Every event exactly once; order may differ only if batches were sent again, and then it may not.
 */
static void expect_all_once(const char *path, const char *crash)
{
	size_t length = 0, lines = 0, i;
	char *text = test_file_read(path, &length);
	char wanted[32];
	unsigned seq;

	assert_non_null(text);
	for (i = 0; i < length; i++)
		lines += text[i] == '\n';
	if (lines != EVENTS)
		fail_msg("%s: %zu lines for %d events", crash, lines, EVENTS);
	for (seq = 0; seq < EVENTS; seq++) {
		(void)snprintf(wanted, sizeof wanted, "\"seq\":%u,", seq);
		if (strstr(text, wanted) == NULL)
			fail_msg("%s: event %u is missing", crash, seq);
	}
	free(text);
}

/* True when the point was passed that often. */
static bool crash_at(const char *point, int passing)
{
	struct queue_fixture *fixture;
	char path[TEST_PATH_MAX], crash[128];
	void *state;
	int code;

	assert_int_equal(queue_fixture_set_up(&state), 0);
	fixture = state;
	(void)test_folder_path(&fixture->folder, "delivered.ndjson", path);
	(void)snprintf(crash, sizeof crash, "%s:%d", point, passing);
	queue_fixture_record_many(fixture, EVENTS);
	code = run_agent(fixture->folder.path, path, crash);
	assert_true(code == KILLED || code == 0);
	assert_int_equal(run_agent(fixture->folder.path, path, ""), 0);
	expect_all_once(path, crash);
	assert_int_equal(queue_fixture_ask(fixture, "SELECT sum(events) FROM ledger_entry "
						    "WHERE kind = 'delivered'"),
			 EVENTS);
	queue_fixture_verify(fixture);
	assert_int_equal(queue_fixture_tear_down(&state), 0);
	return code == KILLED;
}

static void a_courier_killed_at_any_point_loses_and_doubles_nothing(void **state)
{
	static const char *const points[] = {
		"courier.claim.before_commit", "courier.claim.after_commit",
		"courier.send.before",         "courier.send.after",
		"append.before_write",         "append.after_write",
		"append.after_sync",           "courier.answered",
		"courier.book.before_commit",  "courier.book.after_commit",
		"queue.commit.before",         "queue.commit.after"};
	size_t i;
	int passing;

	(void)state;
#ifndef FR_CRASH_POINTS
	skip();
#endif
	for (i = 0; i < sizeof points / sizeof points[0]; i++) {
		int killed = 0;

		for (passing = 1; passing <= PASSINGS; passing++)
			killed += crash_at(points[i], passing);
		if (killed == 0)
			fail_msg("%s was never passed", points[i]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_courier_killed_at_any_point_loses_and_doubles_nothing),
	};

	this_program = argv[0];
	if (argc == 3)
		return agent(argv[1], argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

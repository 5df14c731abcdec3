/* flightrecd in a world of a test's own: a home under consent `on`, an intake to deliver to, and
 * a recorder in the test's own process that records as a host would.
 */
#ifndef FR_TESTS_INTEGRATION_AGENT_FIXTURE_H
#define FR_TESTS_INTEGRATION_AGENT_FIXTURE_H

#include <stdbool.h>

#include "flightrec.h"
#include "support/folder.h"
#include "support/http.h"
#include "support/intake.h"
#include "support/process.h"

struct agent_fixture {
	struct test_folder folder;
	char home[TEST_PATH_MAX];
	char config[TEST_PATH_MAX];
	struct test_intake intake;
	struct test_process *agent; /* NULL while it does not run */
	flightrec *recorder;
	const char *variable; /* "NAME=value" for the agent's environment; NULL: none */
};

/* cmocka's set-up and tear-down: *state is the fixture, with a running intake and no agent.
 * Tear-down stops the agent and fails when it does not end well. */
int agent_set_up(void **state);
int agent_tear_down(void **state);

/* Writes the config; every PORT in it becomes the intake's. */
void agent_configure(struct agent_fixture *fixture, const char *json);

/* The config that most tests want: the intake's first-party path takes everything, at once
 * (max_wait) or in batches. */
void agent_configure_one_sink(struct agent_fixture *fixture, const char *more);

/* Starts it and waits until it serves; words are more arguments, NULL: none. */
void agent_start(struct agent_fixture *fixture);
struct test_process *agent_launch(struct agent_fixture *fixture, const char *const *words);
#define AGENT_LAUNCH(fixture, ...) agent_launch(fixture, (const char *const[]){__VA_ARGS__, NULL})

/* SIGTERM; its exit code. SIGKILL. */
int agent_stop(struct agent_fixture *fixture);
void agent_kill(struct agent_fixture *fixture);

/* Fails the test unless its log says so in time. */
void agent_await_log(struct agent_fixture *fixture, const char *text);

/* Writes the owner's choice. */
void agent_choose(struct agent_fixture *fixture, const char *level);

/* Commits events: {"n":0}, {"n":1}, ... */
void agent_record(struct agent_fixture *fixture, const char *name, int count);

/* The next event is recorded by a new recorder: a new session, which has told no agent anything. */
void agent_forget_recorder(struct agent_fixture *fixture);

/* One number out of the queue. */
long long agent_ask_queue(const struct agent_fixture *fixture, const char *sql);

/* Waits until that number is what is expected; fails the test when it never is. */
void agent_await_queue(const struct agent_fixture *fixture, const char *sql, long long expected);

/* One request to agent.sock; fails the test unless this status comes back. The caller frees the
 * answer. */
void agent_call(const struct agent_fixture *fixture, const char *method, const char *path,
		int status, struct test_answer *answer);

/* The same, for its body only: does it contain this text? */
bool agent_says(const struct agent_fixture *fixture, const char *method, const char *path,
		int status, const char *text);

void agent_await_intake(const struct agent_fixture *fixture, const char *count, long long least);

#define AGENT_TEST(test) cmocka_unit_test_setup_teardown(test, agent_set_up, agent_tear_down)

#endif

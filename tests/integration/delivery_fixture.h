/* The tool, the agent and an intake in one world: a user's whole day. The owner's choice is `on`.
 */
#ifndef FR_TESTS_INTEGRATION_DELIVERY_FIXTURE_H
#define FR_TESTS_INTEGRATION_DELIVERY_FIXTURE_H

#include "cli_fixture.h"
#include "support/intake.h"
#include "support/process.h"

struct delivery {
	struct cli_fixture *cli;
	struct test_intake intake;
	struct test_process *agent; /* NULL while it does not run */
};

/* cmocka's set-up and tear-down: *state is the fixture, with a running intake and no agent. */
int delivery_set_up(void **state);
int delivery_tear_down(void **state);

/* Writes the config; every PORT in it becomes the intake's. */
void delivery_configure(struct delivery *delivery, const char *json);

/* Starts the agent and waits until it answers; SIGTERM, and it must end well. */
void delivery_agent_start(struct delivery *delivery);
void delivery_agent_stop(struct delivery *delivery);

/* Waits until this number out of the queue is what is expected. */
void delivery_await(struct delivery *delivery, const char *sql, long long expected);

/* Is this text anywhere in the files of the home? Its name in the home into `where` ("" unless
 * found), which may be NULL. */
bool delivery_home_holds(struct delivery *delivery, const char *text, char where[256]);

/* Waits until it is not. */
void delivery_await_forgotten(struct delivery *delivery, const char *text);

#define DELIVERY_TEST(test) \
	cmocka_unit_test_setup_teardown(test, delivery_set_up, delivery_tear_down)

#endif

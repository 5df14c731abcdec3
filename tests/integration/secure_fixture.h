/* An agent that delivers over TLS: nginx in front of the fixture's intake, certificates of the
 * test's own, and the questions that such a test asks.
 */
#ifndef FR_TESTS_INTEGRATION_SECURE_FIXTURE_H
#define FR_TESTS_INTEGRATION_SECURE_FIXTURE_H

#include "agent_fixture.h"
#include "support/certificates.h"
#include "support/nginx.h"
#include "support/rogue.h"

struct secure_fixture {
	struct agent_fixture *agent;
	struct test_authority *authority; /* its certificate is the folder's ca.pem */
	struct test_nginx nginx;          /* not started; its certificate is server.pem, good */
	struct test_rogue rogue;          /* not started */
	int batch_events;                 /* the most in a batch; 0: 100 */
};

/* cmocka's set-up, which skips nothing, and tear-down. Without nginx a test says
 * SKIP_WITHOUT_NGINX. */
int secure_set_up(void **state);
int secure_tear_down(void **state);

#define SECURE_TEST(test) cmocka_unit_test_setup_teardown(test, secure_set_up, secure_tear_down)
#define SKIP_WITHOUT_NGINX()                                       \
	do {                                                       \
		if (!test_nginx_is_there()) {                      \
			print_message("nginx is not installed\n"); \
			skip();                                    \
		}                                                  \
	} while (0)

/* One sink that sends at once to https://HOST:PORT and tries again within a second; more is more
 * of its keys, FOLDER in it the test's folder. */
void secure_configure(struct secure_fixture *fixture, const char *host, int port, const char *more);

/* The usual one: to nginx, trusting ca.pem. */
void secure_configure_nginx(struct secure_fixture *fixture);

/* What is waiting in the queue. */
long long secure_pending(const struct secure_fixture *fixture);

/* Waits until the agent's status says so; fails the test when it never does. */
void secure_await_status(const struct secure_fixture *fixture, const char *text);

/* The status does not. */
void secure_status_lacks(const struct secure_fixture *fixture, const char *text);

/* Nothing arrived anywhere, and nothing was dropped: all these events still wait. */
void secure_nothing_left(const struct secure_fixture *fixture, long long events);

/* All of them arrived, once each, and nothing waits. */
void secure_await_delivery(const struct secure_fixture *fixture, long long events);

#endif

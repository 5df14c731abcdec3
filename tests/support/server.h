/* Somebody else's server, as real as it is installed: run in the foreground on a free port of
 * 127.0.0.1, with its config, log and other files in the test's folder.
 *
 * Such a server wants to be told its port in its config. One that was free a moment ago may be
 * taken; then the server ends, and another port is tried. What cannot work aborts, loudly.
 * Life: start, stop, start again (on the same port), stop.
 */
#ifndef FR_TESTS_SUPPORT_SERVER_H
#define FR_TESTS_SUPPORT_SERVER_H

#include <stdbool.h>

#include "support/folder.h"
#include "support/process.h"

struct test_server {
	int port;                     /* 0 before the first start: any */
	struct test_process *process; /* NULL while it does not run */
};

/* Where a program is, in PATH or where only root's shell looks; false when it is not installed. */
bool test_server_find(const char *name, char out[TEST_PATH_MAX]);

/* A port of 127.0.0.1 that nobody listens on at this moment. */
int test_free_port(void);

/* Has its config written for a port, starts it, and waits until it takes connections. */
void test_server_start(struct test_server *server, const char *const *argv,
		       void (*configure)(void *context, int port), void *context);

/* SIGTERM, and SIGKILL when that takes too long. Accepts one that does not run. */
void test_server_stop(struct test_server *server);

#endif

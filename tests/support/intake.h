/* A running flightrec-intake of a test's own, on a port of its own.
 *
 * Starting it waits until it listens; asking it speaks real HTTP. What cannot work aborts,
 * loudly.
 * Life: start, stop or kill, start again (the same port if it is left in place), free.
 */
#ifndef FR_TESTS_SUPPORT_INTAKE_H
#define FR_TESTS_SUPPORT_INTAKE_H

#include "support/folder.h"
#include "support/http.h"
#include "support/process.h"

struct test_intake {
	int port;                     /* 0 before the first start: any */
	struct test_process *process; /* NULL while it does not run */
	struct test_folder folder;    /* for its port file, and for a store a test asks for */
};

/* flags end with NULL and may be NULL. */
void test_intake_start(struct test_intake *intake, const char *const *flags);

/* The same with what else program says: its environment, its file limit; argv is filled in. */
void test_intake_start_as(struct test_intake *intake, const char *const *flags,
			  struct test_program program);

/* SIGTERM; its exit code. */
int test_intake_stop(struct test_intake *intake);

/* Stops it, and aborts when it does not end well: a crash or a leak is never overlooked. */
void test_intake_free(struct test_intake *intake);

/* A number of GET /stats. */
long long test_intake_stat(const struct test_intake *intake, const char *name);

/* Waits until that number is at least so much; false when the time is up. */
bool test_intake_await(const struct test_intake *intake, const char *name, long long least,
		       int timeout_ms);

/* Adds faults, as JSON; takes all of them back. */
void test_intake_fail(const struct test_intake *intake, const char *json);
void test_intake_heal(const struct test_intake *intake);

/* Posts, and fails the test unless this status comes back, and (unless NULL) this text in the
 * body. */
void test_intake_expect(const struct test_intake *intake, const char *path, const char *headers,
			const char *body, int status, const char *text);

/* cmocka's setup and teardown: *state is a running struct test_intake without flags. */
int test_intake_set_up(void **state);
int test_intake_tear_down(void **state);

/* A path's answer as text to free, such as "/events?ids=1". */
char *test_intake_get(const struct test_intake *intake, const char *path);

#endif

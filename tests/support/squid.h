/* A real proxy: squid, in a folder of its own, that wants a user and a password. */
#ifndef FR_TESTS_SUPPORT_SQUID_H
#define FR_TESTS_SUPPORT_SQUID_H

#include "support/server.h"

struct test_squid {
	const char *user;     /* NULL: anybody may */
	const char *password; /* plain letters */
	const char *host;     /* a name that this proxy, and nobody else, takes for 127.0.0.1 */
	struct test_folder folder; /* made by the first start */
	struct test_server server;
};

/* False: not installed, a reason to skip. */
bool test_squid_is_there(void);

void test_squid_start(struct test_squid *squid);
void test_squid_stop(struct test_squid *squid);

/* Stops it, and its folder is gone. Accepts one that was never started. */
void test_squid_free(struct test_squid *squid);

/* How many lines of its access log hold this text. */
int test_squid_count(const struct test_squid *squid, const char *text);

#endif

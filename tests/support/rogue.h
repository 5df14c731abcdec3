/* A server that misbehaves on purpose: a process of its own on a free port of 127.0.0.1, and one
 * more for each connection, so that a manner is a plain function that reads, says and sleeps.
 *
 * What it counts is in memory that the test shares. Nothing of it outlives the test.
 * Life: start, stop; stop accepts one that does not run.
 */
#ifndef FR_TESTS_SUPPORT_ROGUE_H
#define FR_TESTS_SUPPORT_ROGUE_H

#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct test_rogue_tally {
	atomic_int connections;
	atomic_int requests; /* that arrived whole */
	atomic_int http2;    /* connections that chose it */
	atomic_int done;     /* manners that came to their end */
};

/* One connection, as a manner sees it. */
struct test_visit {
	int fd;
	SSL *tls;   /* NULL: plain */
	int number; /* 1 for the first connection */
	struct test_rogue_tally *tally;
	const void *context;
};

typedef void test_manner(struct test_visit *visit);

struct test_rogue {
	int port;
	pid_t process; /* 0: does not run */
	struct test_rogue_tally *tally;
};

void test_rogue_start(struct test_rogue *rogue, test_manner *manner, const void *context);
void test_rogue_stop(struct test_rogue *rogue);

/* ---- for manners ---- */

/* Reads some bytes; 0 at the end, and when the other side is rude. */
size_t test_visit_read(struct test_visit *visit, void *out, size_t size);

/* One whole request with its body; false when none comes any more. */
bool test_visit_take(struct test_visit *visit);

/* False when the other side has gone. */
bool test_visit_say(struct test_visit *visit, const void *data, size_t length);
bool test_visit_tell(struct test_visit *visit, const char *text);

/* Says nothing until the other side goes. */
void test_visit_stall(struct test_visit *visit);

/* From here on TLS, with this certificate and key; HTTP/2 too, if wanted and the client offers it.
 * False when there is no handshake. */
bool test_visit_secure(struct test_visit *visit, const char *pem_path, bool offers_http2);
bool test_visit_is_http2(const struct test_visit *visit);

#endif

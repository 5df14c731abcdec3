/* A real TLS server in front of a running intake: nginx, all of it in the test's folder. */
#ifndef FR_TESTS_SUPPORT_NGINX_H
#define FR_TESTS_SUPPORT_NGINX_H

#include "support/folder.h"
#include "support/server.h"

struct test_nginx {
	/* What it is to be; all but the first two may be left zero. */
	const struct test_folder *folder;
	int intake_port;
	const char *certificate;      /* with its key, in the folder; read anew at every handshake;
				  * NULL: "server.pem" */
	const char *client_authority; /* demands certificates signed by this file of the folder */
	const char *protocols;        /* NULL: "TLSv1.2 TLSv1.3" */
	bool has_http2;
	const char *more; /* more lines for the server's block */

	struct test_server server;
};

/* False: not installed, a reason to skip. */
bool test_nginx_is_there(void);

void test_nginx_start(struct test_nginx *nginx);
void test_nginx_stop(struct test_nginx *nginx);

/* How many lines of its access log hold this text: "" counts the requests, "HTTP/2.0" those of
 * HTTP/2, " connection-request=1 " the connections that carried any. */
int test_nginx_count(const struct test_nginx *nginx, const char *text);

#endif

/* A server inside the test's own event loop that answers with given bytes, or misbehaves.
 *
 * Counts connections and requests and keeps the last request. Everything it is told to say is said
 * verbatim, so that a test can be precise, or deliberately wrong.
 */
#ifndef FR_TEST_SHIP_SERVER_H
#define FR_TEST_SHIP_SERVER_H

#include <stddef.h>

struct event_base;

enum ship_manner {
	SHIP_ANSWER,            /* say `answer`, keep the connection */
	SHIP_ANSWER_AND_CLOSE,  /* say it and hang up */
	SHIP_ANSWER_AND_STREAM, /* say it, and then `stream` over and over */
	SHIP_SILENCE,           /* read everything, say nothing */
	SHIP_HANG_UP,           /* read the request and hang up */
	SHIP_REFUSE,            /* hang up as soon as somebody connects */
};

struct ship_server {
	enum ship_manner manner;
	const char *answer;
	const char *stream;
	int port;
	unsigned connections, requests;
	char *head; /* of the last request, NUL-terminated; NULL when there was none */
	char *body;
	size_t body_length;
	size_t streamed; /* bytes */
	struct ship_listener *listener;
};

/* Listens on a free port of 127.0.0.1. */
void ship_server_start(struct ship_server *server, struct event_base *loop);
void ship_server_stop(struct ship_server *server);

/* A header of the last request, "" when it is not there; into out, which it returns. */
const char *ship_server_header(const struct ship_server *server, const char *name, char *out,
			       size_t size);

#endif

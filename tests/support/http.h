/* HTTP/1.1 spoken by hand over a plain socket, so that a test can be precise, or deliberately
 * wrong.
 *
 * Works over TCP on loopback (flightrec-intake) and over a Unix socket (the agent). Connections
 * are file descriptors, -1 for "could not"; whoever opened one closes it. Waiting is bounded
 * everywhere.
 */
#ifndef FR_TESTS_SUPPORT_HTTP_H
#define FR_TESTS_SUPPORT_HTTP_H

#include <stdbool.h>
#include <stddef.h>

/* What came back. After a failure everything that did arrive is still there. */
struct test_answer {
	int status; /* 0: nothing that reads like an HTTP answer */
	char *head; /* the status line and headers as they came, NUL-terminated */
	char *body; /* NUL-terminated; a chunked one is put together */
	size_t body_length;
	bool complete;  /* as long as it said it would be */
	bool closed;    /* the server closed the connection */
	bool reset;     /* ... rudely */
	int elapsed_ms; /* from the first wait to the last byte */
};

int test_connect_tcp(int port);
int test_connect_unix(const char *path);

/* False when the server no longer listens. */
bool test_send(int connection, const void *data, size_t length);
bool test_send_text(int connection, const char *text);

/* Sends so many spaces; false when the server has not taken them all in within the time. */
bool test_send_within(int connection, size_t length, int timeout_ms);

/* Closes the sending side only, as `nc` does. */
void test_stop_sending(int connection);

/* One request with a Content-Length (when body is not NULL or the method is POST). headers are
 * complete lines, each ended by "\r\n", or NULL. */
bool test_send_request(int connection, const char *method, const char *path, const char *headers,
		       const void *body, size_t length);

/* Reads one answer: to its Content-Length, its last chunk, or the end of the connection; interim
 * 100 Continue answers are passed over. Stops when the time is up. */
void test_read_answer(int connection, struct test_answer *answer, int timeout_ms);

/* Connects, asks, reads the answer, disconnects. */
void test_http(int port, const char *method, const char *path, const char *headers,
	       const void *body, size_t length, struct test_answer *answer);
void test_http_get(int port, const char *path, struct test_answer *answer);
void test_http_post(int port, const char *path, const char *headers, const char *body,
		    struct test_answer *answer);

/* Frees what it holds and empties it; accepts an empty one. */
void test_answer_fini(struct test_answer *answer);

/* A header's value into out ("" when absent); the name in any case. Returns out. */
const char *test_answer_header(const struct test_answer *answer, const char *name, char *out,
			       size_t size);

/* The integer behind `"key":` at its first place in a JSON text, or missing_value. */
long long test_json_int(const char *json, const char *key, long long missing_value);

#endif

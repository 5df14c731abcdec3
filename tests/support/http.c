/* An answer is gathered byte by byte into one growing text; after each read it is asked whether
 * it is whole. That is quadratic for chunked answers and nobody minds in a test. */
#include "support/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/process.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS: a test that is cut off while sending ignores SIGPIPE itself */
#endif

enum { SLICE_MS = 50, STOOD_STILL_MS = 1000 };

static void *must_have(void *memory)
{
	if (memory == NULL) {
		fputs("test support: out of memory\n", stderr);
		abort();
	}
	return memory;
}

static int connect_to(int family, const struct sockaddr *address, socklen_t length)
{
	int connection = socket(family, SOCK_STREAM, 0);
	if (connection < 0)
		return -1;
	if (connect(connection, address, length) != 0) {
		(void)close(connection);
		return -1;
	}
	return connection;
}

int test_connect_tcp(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int connection = connect_to(AF_INET, (const struct sockaddr *)(const void *)&address,
				    sizeof(address));
	int yes = 1;
	if (connection >= 0)
		(void)setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return connection;
}

int test_connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	return connect_to(AF_UNIX, (const struct sockaddr *)(const void *)&address,
			  sizeof(address));
}

bool test_send(int connection, const void *data, size_t length)
{
	const char *at = data;
	while (length > 0) {
		ssize_t sent = send(connection, at, length, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		at += sent;
		length -= (size_t)sent;
	}
	return true;
}

bool test_send_text(int connection, const char *text)
{
	return test_send(connection, text, strlen(text));
}

bool test_send_within(int connection, size_t length, int timeout_ms)
{
	char spaces[4096];
	memset(spaces, ' ', sizeof(spaces));
	long long deadline = test_now_ms() + timeout_ms;
	while (length > 0) {
		struct pollfd ready = {.fd = connection, .events = POLLOUT};
		long long left = deadline - test_now_ms();
		if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
			return false;
		size_t part = length < sizeof(spaces) ? length : sizeof(spaces);
		ssize_t sent = send(connection, spaces, part, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		length -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

void test_stop_sending(int connection)
{
	(void)shutdown(connection, SHUT_WR);
}

bool test_send_request(int connection, const char *method, const char *path, const char *headers,
		       const void *body, size_t length)
{
	char line[2048];
	(void)snprintf(line, sizeof(line), "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path);
	char size[64] = "\r\n";
	if (body != NULL || strcmp(method, "POST") == 0)
		(void)snprintf(size, sizeof(size), "Content-Length: %zu\r\n\r\n", length);
	return test_send_text(connection, line) &&
	       test_send_text(connection, headers != NULL ? headers : "") &&
	       test_send_text(connection, size) && test_send(connection, body, length);
}

/* Reading */

struct gathered {
	char *text;
	size_t length;
	size_t capacity;
};

static void gather(struct gathered *all, const char *data, size_t length)
{
	if (all->length + length + 1 > all->capacity) {
		all->capacity = (all->length + length + 1) * 2;
		all->text = must_have(realloc(all->text, all->capacity));
	}
	memcpy(all->text + all->length, data, length);
	all->length += length;
	all->text[all->length] = '\0';
}

/* The value of a header in a head, its end in *end; NULL when absent. */
static const char *find_header(const char *head, const char *name, const char **end)
{
	size_t length = strlen(name);
	for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, length) != 0 || line[length] != ':')
			continue;
		const char *value = line + length + 1;
		value += strspn(value, " \t");
		*end = value + strcspn(value, "\r\n");
		return value;
	}
	return NULL;
}

static char *copy_text(const char *from, size_t length)
{
	char *copy = must_have(malloc(length + 1));
	memcpy(copy, from, length);
	copy[length] = '\0';
	return copy;
}

/* Puts the chunks in text together in place; true once the last one is there. */
static bool join_chunks(char *text, size_t length, size_t *joined)
{
	size_t at = 0;
	*joined = 0;
	while (at < length) {
		char *after = NULL;
		size_t size = strtoul(text + at, &after, 16);
		if (after == text + at || strncmp(after, "\r\n", 2) != 0)
			return false;
		at = (size_t)(after - text) + 2;
		if (size == 0)
			return length - at >= 2;
		size_t here = size < length - at ? size : length - at;
		memmove(text + *joined, text + at, here);
		*joined += here;
		at += size + 2;
	}
	return false;
}

static bool has_no_body(int status)
{
	return status < 200 || status == 204 || status == 304;
}

/* Fills the answer from what was gathered so far; true when nothing more is to come. */
static bool read_gathered(const struct gathered *all, struct test_answer *answer)
{
	const char *start = all->text;
	const char *gap;
	while ((gap = strstr(start, "\r\n\r\n")) != NULL && strncmp(start, "HTTP/1.1 100", 12) == 0)
		start = gap + 4;
	if (gap == NULL || strncmp(start, "HTTP/1.", 7) != 0)
		return false;
	free(answer->head);
	free(answer->body);
	answer->head = copy_text(start, (size_t)(gap + 2 - start));
	answer->status = (int)strtol(start + 9, NULL, 10);
	size_t offset = (size_t)(gap + 4 - all->text);
	answer->body_length = all->length - offset;
	answer->body = copy_text(gap + 4, answer->body_length);
	const char *end;
	const char *value = find_header(answer->head, "Transfer-Encoding", &end);
	if (value != NULL) {
		size_t joined;
		answer->complete = join_chunks(answer->body, answer->body_length, &joined);
		answer->body_length = joined;
		answer->body[joined] = '\0';
		return answer->complete;
	}
	value = find_header(answer->head, "Content-Length", &end);
	if (value == NULL)
		return has_no_body(answer->status);
	size_t length = strtoull(value, NULL, 10);
	answer->complete = answer->body_length >= length;
	if (answer->complete) {
		answer->body_length = length;
		answer->body[length] = '\0';
	}
	return answer->complete;
}

/* Takes in what there is to read; false at the end of the connection. */
static bool receive(int connection, struct gathered *all, struct test_answer *answer)
{
	char data[65536];
	ssize_t got = recv(connection, data, sizeof(data), 0);
	if (got > 0) {
		gather(all, data, (size_t)got);
		return true;
	}
	answer->closed = true;
	answer->reset = got < 0;
	return false;
}

/* An answer without a length ends with its connection. */
static bool is_ended_by_close(const struct test_answer *answer)
{
	const char *end;
	return answer->closed && !answer->reset && answer->status != 0 &&
	       find_header(answer->head, "Content-Length", &end) == NULL &&
	       find_header(answer->head, "Transfer-Encoding", &end) == NULL;
}

/* Milliseconds since the last time, but no more than so many. */
static int passed(long long *last, int most)
{
	long long now = test_now_ms();
	long long ms = now - *last;

	*last = now;
	return ms < most ? (int)ms : most;
}

/* Waits in slices, none of which counts for more than a second: a machine that stands still for
 * half a minute, as crowded ones do, stands still for the server, too. */
void test_read_answer(int connection, struct test_answer *answer, int timeout_ms)
{
	struct gathered all = {0};
	long long start = test_now_ms(), last = start;
	int waited = 0;
	*answer = (struct test_answer){0};
	gather(&all, "", 0);
	while (connection >= 0 && waited < timeout_ms) {
		struct pollfd ready = {.fd = connection, .events = POLLIN};
		int slice = timeout_ms - waited < SLICE_MS ? timeout_ms - waited : SLICE_MS;
		int found = poll(&ready, 1, slice);
		waited += passed(&last, STOOD_STILL_MS);
		if (found == 0 || (found < 0 && errno == EINTR))
			continue;
		if (found < 0 || !receive(connection, &all, answer) || read_gathered(&all, answer))
			break;
	}
	answer->complete = answer->complete || is_ended_by_close(answer);
	answer->elapsed_ms = (int)(test_now_ms() - start);
	if (answer->head == NULL)
		answer->head = copy_text("", 0);
	if (answer->body == NULL) {
		answer->body = copy_text(all.text, all.length);
		answer->body_length = all.length;
	}
	free(all.text);
}

void test_http(int port, const char *method, const char *path, const char *headers,
	       const void *body, size_t length, struct test_answer *answer)
{
	int connection = test_connect_tcp(port);
	*answer = (struct test_answer){0};
	/* A server may answer before it has read everything: the answer counts, not the sending. */
	if (connection >= 0)
		(void)test_send_request(connection, method, path, headers, body, length);
	test_read_answer(connection, answer, TEST_PATIENCE_MS);
	if (connection >= 0)
		(void)close(connection);
}

void test_http_get(int port, const char *path, struct test_answer *answer)
{
	test_http(port, "GET", path, NULL, NULL, 0, answer);
}

void test_http_post(int port, const char *path, const char *headers, const char *body,
		    struct test_answer *answer)
{
	test_http(port, "POST", path, headers, body, strlen(body), answer);
}

void test_answer_fini(struct test_answer *answer)
{
	free(answer->head);
	free(answer->body);
	*answer = (struct test_answer){0};
}

const char *test_answer_header(const struct test_answer *answer, const char *name, char *out,
			       size_t size)
{
	const char *end = NULL;
	const char *value = answer->head != NULL ? find_header(answer->head, name, &end) : NULL;
	out[0] = '\0';
	if (value != NULL)
		(void)snprintf(out, size, "%.*s", (int)(end - value), value);
	return out;
}

long long test_json_int(const char *json, const char *key, long long missing_value)
{
	char pattern[128];
	(void)snprintf(pattern, sizeof(pattern), "\"%s\":", key);
	const char *at = strstr(json, pattern);
	if (at == NULL)
		return missing_value;
	at += strlen(pattern);
	char *after = NULL;
	long long value = strtoll(at, &after, 10);
	return after == at ? missing_value : value;
}

/* connect, send, read to the end of the connection: everything on a non-blocking socket, waiting
 * only in poll() with what is left of the deadline. "Connection: close" makes the end of the
 * stream the end of the answer; a Content-Length tells whether all of it came.
 */
#include "agent_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/socket.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS: fr_socket_open asked for it */
#endif

enum { ANSWER_BYTES_MAX = 4 * 1024 * 1024 };

struct asking {
	const struct fr_env *env;
	int64_t deadline_us;
	int fd;
};

static enum fr_status too_slow(struct fr_error *err)
{
	return fr_fail(err, FR_BUSY, "the agent does not answer");
}

/* Waits for the socket; FR_BUSY when the time is up. */
static enum fr_status socket_wait(const struct asking *asking, short events, struct fr_error *err)
{
	struct pollfd entry = {.fd = asking->fd, .events = events};
	int64_t left_us = asking->deadline_us - fr_env_boot_us(asking->env);
	int ready;

	if (left_us <= 0)
		return too_slow(err);
	ready = poll(&entry, 1, (int)(left_us / 1000 + 1));
	if (ready < 0 && errno != EINTR)
		return fr_fail_system(err, FR_IO, errno, "cannot wait for the agent");
	return FR_OK; /* a wait that was too short is followed by EAGAIN and another one */
}

/* EAGAIN: the agent's queue of callers is full; it empties in no time, or the agent hangs. */
static enum fr_status socket_connect(struct asking *asking, const char *home, struct fr_error *err)
{
	struct fr_socket_address address;
	enum fr_status status = fr_socket_address_init(&address, home, "agent.sock", err);
	int code = 0;

	if (status != FR_OK)
		return status;
	while (connect(asking->fd, fr_socket_name(&address), fr_socket_name_length()) != 0) {
		code = errno;
		if (code != EAGAIN && code != EINTR)
			break;
		code = 0;
		if (fr_env_boot_us(asking->env) >= asking->deadline_us) {
			status = too_slow(err);
			break;
		}
		(void)poll(NULL, 0, 5);
	}
	fr_socket_address_fini(&address);
	if (code == ENOENT || code == ECONNREFUSED || code == ENOTDIR)
		return fr_fail(err, FR_NONE, "no agent is running");
	if (code != 0)
		return fr_fail_system(err, FR_IO, code, "cannot reach the agent in %s", home);
	return status;
}

static enum fr_status request_send(const struct asking *asking, const char *request,
				   struct fr_error *err)
{
	char text[512];
	int length = snprintf(text, sizeof text,
			      "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
			      "Content-Length: 0\r\n\r\n",
			      request);
	size_t sent = 0;

	if (length < 0 || (size_t)length >= sizeof text)
		return fr_fail(err, FR_TOO_LARGE, "request is too long");
	while (sent < (size_t)length) {
		ssize_t step = send(asking->fd, text + sent, (size_t)length - sent, MSG_NOSIGNAL);
		enum fr_status status = FR_OK;

		if (step >= 0)
			sent += (size_t)step;
		else if (errno == EAGAIN || errno == EINTR)
			status = socket_wait(asking, POLLOUT, err);
		else if (errno == EPIPE || errno == ECONNRESET)
			return FR_OK; /* it may have answered before it hung up */
		else
			status = fr_fail_system(err, FR_IO, errno, "cannot ask the agent");
		if (status != FR_OK)
			return status;
	}
	return FR_OK;
}

static enum fr_status answer_read(const struct asking *asking, struct fr_buffer *raw,
				  struct fr_error *err)
{
	char part[16 * 1024];

	for (;;) {
		ssize_t step = recv(asking->fd, part, sizeof part, 0);
		enum fr_status status = FR_OK;

		if (step == 0 || (step < 0 && errno == ECONNRESET))
			return FR_OK;
		if (step > 0) {
			fr_buffer_add(raw, part, (size_t)step);
			if (raw->status != FR_OK)
				return fr_fail(err, raw->status, "the agent's answer is too long");
		} else if (errno == EAGAIN || errno == EINTR) {
			status = socket_wait(asking, POLLIN, err);
		} else {
			status = fr_fail_system(err, FR_IO, errno, "cannot read from the agent");
		}
		if (status != FR_OK)
			return status;
	}
}

/* The value of a header in a NUL-terminated head; NULL when absent. */
static const char *header_find(const char *head, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1 + strspn(line + length + 1, " \t");
	}
	return NULL;
}

/* Splits what was read into status and body. */
static enum fr_status answer_parse(struct fr_buffer *raw, struct cli_answer *out,
				   struct fr_error *err)
{
	char *end = raw->length > 0 ? strstr(raw->data, "\r\n\r\n") : NULL;
	const char *length_text;
	size_t length;

	if (end == NULL || strncmp(raw->data, "HTTP/1.", 7) != 0 || strlen(raw->data) < 12)
		return fr_fail(err, FR_IO, "the agent hung up without an answer");
	*end = '\0';
	out->status = (int)strtol(raw->data + 9, NULL, 10);
	length = raw->length - (size_t)(end + 4 - raw->data);
	length_text = header_find(raw->data, "Content-Length");
	if (header_find(raw->data, "Transfer-Encoding") != NULL ||
	    (length_text != NULL && strtoull(length_text, NULL, 10) != length))
		return fr_fail(err, FR_IO, "the agent's answer is incomplete");
	fr_buffer_init(&out->body, ANSWER_BYTES_MAX);
	fr_buffer_add(&out->body, end + 4, length);
	return out->body.status == FR_OK ? FR_OK : fr_fail(err, out->body.status, "out of memory");
}

enum fr_status cli_agent_ask(const char *home, const struct fr_env *env, const char *request,
			     int64_t wait_ms, struct cli_answer *out, struct fr_error *err)
{
	struct asking asking = {
		.env = env, .deadline_us = fr_env_boot_us(env) + wait_ms * 1000, .fd = -1};
	struct fr_buffer raw;
	enum fr_status status;

	*out = (struct cli_answer){0};
	fr_buffer_init(&raw, ANSWER_BYTES_MAX);
	status = fr_socket_open(SOCK_STREAM, &asking.fd, err);
	if (status == FR_OK)
		status = socket_connect(&asking, home, err);
	if (status == FR_OK)
		status = request_send(&asking, request, err);
	if (status == FR_OK)
		status = answer_read(&asking, &raw, err);
	if (status == FR_OK)
		status = answer_parse(&raw, out, err);
	if (asking.fd >= 0)
		(void)close(asking.fd);
	fr_buffer_fini(&raw);
	return status;
}

void cli_answer_fini(struct cli_answer *answer)
{
	fr_buffer_fini(&answer->body);
}

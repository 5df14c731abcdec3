/* The happy path: poll, read what is there, find the end of the head and its Content-Length, take
 * that many bytes of body, answer, count.
 *
 * Failures: whatever does not look like the requests of the benches closes its connection, and the
 * bench that waits for it gives up. The port is held by a socket that is bound and does not listen
 * while the receiver is closed.
 */
#include "receiver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { CONNECTIONS_MOST = 64, HEAD_MOST = 16 * 1024, CHUNK_BYTES = 256 * 1024, AWAIT_S = 120 };

/* One connection, somewhere in a request. */
struct connection {
	int socket;
	char head[HEAD_MOST + 1];
	size_t head_length;
	uint64_t body_left;
};

struct service {
	struct bench_receiver *receiver;
	struct connection *connections[CONNECTIONS_MOST];
	struct pollfd polled[CONNECTIONS_MOST + 1];
	size_t count;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

/* A loop that the compiler turns into a few vector instructions. */
static uint64_t count_marks(const char *data, size_t length, char mark)
{
	uint64_t marks = 0;

	for (size_t i = 0; i < length; i++)
		marks += data[i] == mark;
	return marks;
}

static bool answer(const struct bench_receiver *receiver, const struct connection *connection)
{
	size_t sent = 0;

	while (sent < receiver->reply_length) {
		ssize_t length = write(connection->socket, receiver->reply + sent,
				       receiver->reply_length - sent);

		if (length <= 0)
			return false;
		sent += (size_t)length;
	}
	return true;
}

static bool finish_request(struct service *service, struct connection *connection)
{
	struct bench_counts *counts = service->receiver->counts;
	bool is_answered = answer(service->receiver, connection);

	connection->head_length = 0;
	atomic_store(&counts->cpu_ns, clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	atomic_store(&counts->last_ns, clock_ns(CLOCK_MONOTONIC));
	atomic_fetch_add(&counts->requests, 1);
	return is_answered;
}

/* The value of a header in a head that ends with a NUL; NULL: it has none of that name. */
static const char *header_find(const char *head, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = strchr(head, '\n'); line != NULL; line = strchr(line, '\n')) {
		line++;
		if (strncasecmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1;
	}
	return NULL;
}

/* Takes bytes of a head; returns how many, 0 when this is no request. */
static size_t take_head(struct service *service, struct connection *connection, const char *data,
			size_t length)
{
	size_t before = connection->head_length, room = HEAD_MOST - before;
	size_t taken = length < room ? length : room;
	const char *end, *value;
	uint64_t none = 0;

	memcpy(connection->head + before, data, taken);
	connection->head[before + taken] = '\0';
	connection->head_length += taken;
	if (before == 0)
		(void)atomic_compare_exchange_strong(&service->receiver->counts->first_ns, &none,
						     clock_ns(CLOCK_MONOTONIC));
	end = strstr(connection->head, "\r\n\r\n");
	if (end == NULL)
		return connection->head_length < HEAD_MOST ? taken : 0;
	taken = (size_t)(end + 4 - connection->head) - before;
	connection->head[before + taken] = '\0';
	value = header_find(connection->head, "content-length");
	if (value == NULL)
		return 0;
	connection->body_left = strtoull(value, NULL, 10);
	return connection->body_left > 0 ? taken : 0;
}

static bool take_bytes(struct service *service, struct connection *connection, const char *data,
		       size_t length)
{
	struct bench_receiver *receiver = service->receiver;

	while (length > 0) {
		size_t taken;

		if (connection->body_left == 0) {
			taken = take_head(service, connection, data, length);
			if (taken == 0)
				return false;
		} else {
			taken = length < connection->body_left ? length
							       : (size_t)connection->body_left;
			connection->body_left -= taken;
			if (connection->body_left == 0 && !finish_request(service, connection))
				return false;
			atomic_fetch_add(&receiver->counts->bytes, taken);
			atomic_fetch_add(&receiver->counts->marks,
					 count_marks(data, taken, receiver->mark));
		}
		data += taken;
		length -= taken;
	}
	return true;
}

static bool read_some(struct service *service, struct connection *connection)
{
	static char chunk[CHUNK_BYTES];
	ssize_t length = read(connection->socket, chunk, sizeof chunk);

	return length > 0 && take_bytes(service, connection, chunk, (size_t)length);
}

static void connection_add(struct service *service, int listener)
{
	int socket = accept(listener, NULL, NULL), yes = 1;
	struct connection *connection;

	if (socket < 0)
		return;
	connection = service->count < CONNECTIONS_MOST ? malloc(sizeof *connection) : NULL;
	if (connection == NULL) {
		(void)close(socket);
		return;
	}
	(void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	connection->socket = socket;
	connection->head_length = 0;
	connection->body_left = 0;
	service->connections[service->count] = connection;
	service->polled[++service->count] = (struct pollfd){.fd = socket, .events = POLLIN};
}

static void connection_remove(struct service *service, size_t index)
{
	size_t last = --service->count;

	(void)close(service->connections[index]->socket);
	free(service->connections[index]);
	service->connections[index] = service->connections[last];
	service->polled[index + 1] = service->polled[last + 1];
}

_Noreturn static void serve(struct bench_receiver *receiver)
{
	static struct service service;

	service.receiver = receiver;
	service.polled[0] = (struct pollfd){.fd = receiver->listener, .events = POLLIN};
	for (;;) {
		if (poll(service.polled, service.count + 1, -1) < 0 && errno != EINTR)
			_exit(1);
		for (size_t i = service.count; i-- > 0;)
			if (service.polled[i + 1].revents != 0 &&
			    !read_some(&service, service.connections[i]))
				connection_remove(&service, i);
		if (service.polled[0].revents != 0)
			connection_add(&service, receiver->listener);
	}
}

/* A socket on the port, any at first; it does not listen yet. */
static int port_take(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &length) != 0)
		bench_give_up("receiver", strerror(errno));
	*port = ntohs(address.sin_port);
	return listener;
}

void bench_receiver_start(struct bench_receiver *receiver)
{
	*receiver = (struct bench_receiver){.port = 0};
	receiver->listener = port_take(&receiver->port);
	receiver->counts = mmap(NULL, sizeof *receiver->counts, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (receiver->counts == MAP_FAILED)
		bench_give_up("receiver", strerror(errno));
}

static void reply_make(struct bench_receiver *receiver, struct bench_reply reply)
{
	char head[128];
	int length = snprintf(head, sizeof head,
			      "HTTP/1.1 %d Bench\r\nContent-Type: application/json\r\n"
			      "Content-Length: %zu\r\n\r\n",
			      reply.status, reply.bytes);

	free(receiver->reply);
	receiver->reply_length = (size_t)length + reply.bytes;
	receiver->reply = malloc(receiver->reply_length);
	if (receiver->reply == NULL)
		bench_give_up("receiver", "out of memory");
	memcpy(receiver->reply, head, (size_t)length);
	memset(receiver->reply + length, ' ', reply.bytes);
}

void bench_receiver_open(struct bench_receiver *receiver, char mark, struct bench_reply reply)
{
	bench_receiver_close(receiver);
	memset(receiver->counts, 0, sizeof *receiver->counts);
	receiver->mark = mark;
	reply_make(receiver, reply);
	if (listen(receiver->listener, CONNECTIONS_MOST) != 0)
		bench_give_up("receiver", strerror(errno));
	receiver->process = fork();
	if (receiver->process < 0)
		bench_give_up("receiver", strerror(errno));
	if (receiver->process == 0) {
		(void)sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
		serve(receiver);
	}
}

void bench_receiver_close(struct bench_receiver *receiver)
{
	if (receiver->process == 0)
		return;
	(void)kill(receiver->process, SIGKILL);
	(void)waitpid(receiver->process, NULL, 0);
	receiver->process = 0;
	(void)close(receiver->listener);
	receiver->listener = port_take(&receiver->port);
}

void bench_receiver_stop(struct bench_receiver *receiver)
{
	bench_receiver_close(receiver);
	(void)close(receiver->listener);
	free(receiver->reply);
	(void)munmap(receiver->counts, sizeof *receiver->counts);
}

void bench_receiver_await(const struct bench_receiver *receiver, uint64_t marks)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	uint64_t begin_ns = clock_ns(CLOCK_MONOTONIC);

	while (atomic_load(&receiver->counts->marks) < marks) {
		if (clock_ns(CLOCK_MONOTONIC) - begin_ns > AWAIT_S * UINT64_C(1000000000))
			bench_give_up("receiver", "what was to be sent did not arrive");
		(void)nanosleep(&nap, NULL);
	}
}

double bench_receiver_seconds(const struct bench_receiver *receiver)
{
	return (double)(atomic_load(&receiver->counts->last_ns) -
			atomic_load(&receiver->counts->first_ns)) /
	       1e9;
}

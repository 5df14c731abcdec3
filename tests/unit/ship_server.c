#include "unit/ship_server.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECTIONS_MAX = 64 };

struct ship_listener {
	struct evconnlistener *events;
	struct bufferevent *connections[CONNECTIONS_MAX];
};

static void connection_close(struct ship_server *server, struct bufferevent *connection)
{
	size_t i;

	for (i = 0; i < CONNECTIONS_MAX; i++)
		if (server->listener->connections[i] == connection)
			server->listener->connections[i] = NULL;
	bufferevent_free(connection);
}

static void on_event(struct bufferevent *connection, short what, void *context)
{
	(void)what;
	connection_close(context, connection);
}

/* Everything was written: hang up, or go on for ever. */
static void on_written(struct bufferevent *connection, void *context)
{
	struct ship_server *server = context;

	if (server->requests == 0)
		return;
	if (server->manner == SHIP_ANSWER_AND_CLOSE)
		connection_close(server, connection);
	if (server->manner == SHIP_ANSWER_AND_STREAM) {
		server->streamed += strlen(server->stream);
		(void)bufferevent_write(connection, server->stream, strlen(server->stream));
	}
}

static void answer(struct ship_server *server, struct bufferevent *connection)
{
	switch (server->manner) {
	case SHIP_ANSWER:
	case SHIP_ANSWER_AND_CLOSE:
	case SHIP_ANSWER_AND_STREAM:
		(void)bufferevent_write(connection, server->answer, strlen(server->answer));
		break;
	case SHIP_HANG_UP:
		connection_close(server, connection);
		break;
	case SHIP_SILENCE:
	case SHIP_REFUSE:
		break;
	}
}

/* Takes one whole request out of the input; false when it is not all there yet. */
static int request_take(struct ship_server *server, struct evbuffer *input)
{
	struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
	char length[32];
	size_t head_length;

	if (end.pos < 0)
		return 0;
	head_length = (size_t)end.pos + 4;
	free(server->head);
	server->head = calloc(1, head_length + 1);
	(void)evbuffer_copyout(input, server->head, head_length);
	server->body_length = strtoul(
		ship_server_header(server, "Content-Length", length, sizeof length), NULL, 10);
	if (evbuffer_get_length(input) < head_length + server->body_length)
		return 0;
	(void)evbuffer_drain(input, head_length);
	free(server->body);
	server->body = calloc(1, server->body_length + 1);
	(void)evbuffer_remove(input, server->body, server->body_length);
	server->requests++;
	return 1;
}

static void on_readable(struct bufferevent *connection, void *context)
{
	struct ship_server *server = context;

	if (request_take(server, bufferevent_get_input(connection)))
		answer(server, connection);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
			  struct sockaddr *address, int length, void *context)
{
	struct ship_server *server = context;
	struct bufferevent *connection;

	(void)address;
	(void)length;
	if (server->manner == SHIP_REFUSE || server->connections == CONNECTIONS_MAX) {
		server->connections++;
		(void)evutil_closesocket(fd);
		return;
	}
	connection = bufferevent_socket_new(evconnlistener_get_base(listener), fd,
					    BEV_OPT_CLOSE_ON_FREE);
	server->listener->connections[server->connections++] = connection;
	bufferevent_setcb(connection, on_readable, on_written, on_event, server);
	(void)bufferevent_enable(connection, EV_READ | EV_WRITE);
}

void ship_server_start(struct ship_server *server, struct event_base *loop)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;

	*server = (struct ship_server){.manner = SHIP_ANSWER, .answer = "", .stream = ""};
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = calloc(1, sizeof *server->listener);
	server->listener->events = evconnlistener_new_bind(
		loop, on_connection, server, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
		(struct sockaddr *)&address, (int)sizeof address);
	if (server->listener->events == NULL ||
	    getsockname(evconnlistener_get_fd(server->listener->events),
			(struct sockaddr *)&address, &length) != 0)
		abort();
	server->port = ntohs(address.sin_port);
}

void ship_server_stop(struct ship_server *server)
{
	size_t i;

	for (i = 0; i < CONNECTIONS_MAX; i++)
		if (server->listener->connections[i] != NULL)
			bufferevent_free(server->listener->connections[i]);
	evconnlistener_free(server->listener->events);
	free(server->listener);
	free(server->head);
	free(server->body);
}

const char *ship_server_header(const struct ship_server *server, const char *name, char *out,
			       size_t size)
{
	const char *line = server->head;

	out[0] = '\0';
	while (line != NULL && (line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') {
			const char *value = line + strlen(name) + 1;

			value += strspn(value, " ");
			(void)snprintf(out, size, "%.*s", (int)strcspn(value, "\r"), value);
		}
	}
	return out;
}

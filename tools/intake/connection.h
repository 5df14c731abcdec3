/* One client's connection: requests in, answers out, one at a time, or a fault instead.
 *
 *    +--> reading head --> reading body --> waiting --> delayed --+
 *    |         |                |              |                  |
 *    |         +----------------+--------------+------------------+
 *    |                                                            v
 *    +-- keep-alive --- answering <--- trickling    or endless, or stuck, for good
 *                           |
 *                           v
 *                       lingering
 *
 *   waiting    for the store's commit; only deliveries do
 *   delayed    until a fault's delay is over
 *   answering  until the last byte is on its way
 *   trickling  a byte at a time
 *   endless    more whenever the last was sent
 *   stuck      says nothing any more
 *   lingering  all is said; what still comes is thrown away, lest a reset destroy the answer
 *
 * Every state ends in closed when the client goes away.
 * Life: open, then until the client, the server or a fault ends it; intake_connection_close.
 */
#ifndef FR_INTAKE_CONNECTION_H
#define FR_INTAKE_CONNECTION_H

#include <stdbool.h>
#include <sys/queue.h>

#include <event2/util.h>

#include "base/status.h"
#include "intake/exchange.h"

struct bufferevent;
struct event;
struct intake_server;

enum intake_connection_state {
	INTAKE_READING_HEAD,
	INTAKE_READING_BODY,
	INTAKE_WAITING,
	INTAKE_DELAYED,
	INTAKE_ANSWERING,
	INTAKE_TRICKLING,
	INTAKE_ENDLESS,
	INTAKE_STUCK,
	INTAKE_LINGERING,
};

struct intake_connection {
	struct intake_server *server;
	enum intake_connection_state state;
	struct bufferevent *stream;
	struct event *timer;
	TAILQ_ENTRY(intake_connection) among_all;
	TAILQ_ENTRY(intake_connection) among_waiting; /* while INTAKE_WAITING */
	bool keep_alive;
	struct intake_exchange exchange;
	struct intake_chunks chunks;
	struct fr_buffer out; /* the head of an answer; when trickling all of it */
	size_t trickled;
	char head[INTAKE_HEAD_MAX]; /* what exchange.head points into */
};

TAILQ_HEAD(intake_connections, intake_connection);

/* Takes the socket, also on failure. */
enum fr_status intake_connection_open(struct intake_server *server, evutil_socket_t socket,
				      struct fr_error *err);
void intake_connection_close(struct intake_connection *connection);

/* The only way to change state. */
void intake_connection_move(struct intake_connection *connection,
			    enum intake_connection_state next);

/* Its turn was committed, or could not be: answers. */
void intake_connection_committed(struct intake_connection *connection, bool is_kept);

/* Defined in respond.c: acts the exchange's fault out, or answers; may close the connection. */
void intake_connection_respond(struct intake_connection *connection);

/* More of an answer that is given bit by bit. */
void intake_connection_trickle(struct intake_connection *connection);
void intake_connection_go_on(struct intake_connection *connection);

/* Calls connection_tick after so long. */
void intake_connection_wait(struct intake_connection *connection, int64_t ms);

#endif

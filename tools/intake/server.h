/* The listener, its connections, and the turns of the loop that share a commit.
 *
 * Every delivery that becomes complete in one turn of the event loop is stored in one
 * transaction; it is committed when the turn's reading is done, and only then are the answers
 * given.
 * Threads: one; libevent's base is owned here.
 * Life: open, run, close.
 */
#ifndef FR_INTAKE_SERVER_H
#define FR_INTAKE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "intake/connection.h"
#include "intake/options.h"
#include "intake/service.h"

struct evconnlistener;

struct intake_server {
	const struct intake_options *options;
	struct event_base *base;
	struct evconnlistener *listener;
	struct event *turn_end;
	struct event *resume; /* accepting, after the system had no descriptors left */
	struct event *signals[3];
	bool is_ending_turn;
	struct intake_connections connections;
	struct intake_connections waiting;
	struct intake_service service;
	char url[96]; /* http://127.0.0.1:8125 */
	int port;     /* the one it got */
};

/* Listens. The store and options are borrowed. */
enum fr_status intake_server_open(struct intake_server *server, const struct fr_env *env,
				  const struct intake_options *options, struct intake_store *store,
				  struct fr_error *err);

/* Until SIGTERM or SIGINT. */
void intake_server_run(struct intake_server *server);

/* Ends all connections; a turn that was not committed is. */
void intake_server_close(struct intake_server *server);

/* Prints a line about a delivery, unless it is to be quiet. */
void intake_server_report(const struct intake_server *server,
			  const struct intake_exchange *exchange);

/* Something was stored: commit when this turn's reading is done. */
void intake_server_end_turn(struct intake_server *server);

#endif

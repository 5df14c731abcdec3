/* The happy path: a connection is accepted and left to itself until it has stored something; that
 * activates turn_end, which runs behind the callbacks of this turn: it commits, then lets all who
 * wait answer.
 *
 * Failures: a commit that fails makes every answer of the turn a 503, and says so on standard
 * error; no descriptors left stops accepting for a moment, instead of spinning. */
#include "intake/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <event2/listener.h>

#include "intake/report.h"

enum { BACKLOG = 128, RESUME_MS = 100 };

static void complain(const char *about, const char *text)
{
	fprintf(stderr, "flightrec-intake: %s: %s\n", about, text);
}

/* Turns */

void intake_server_end_turn(struct intake_server *server)
{
	if (server->is_ending_turn)
		return;
	server->is_ending_turn = true;
	event_active(server->turn_end, 0, 0);
}

static void server_commit(struct intake_server *server)
{
	struct fr_error err;
	server->is_ending_turn = false;
	bool is_kept = intake_store_commit(server->service.store, &err) == FR_OK;
	if (!is_kept)
		complain("nothing of this turn was kept", err.text);
	struct intake_connection *connection;
	while ((connection = TAILQ_FIRST(&server->waiting)) != NULL)
		intake_connection_committed(connection, is_kept);
}

void intake_server_report(const struct intake_server *server,
			  const struct intake_exchange *exchange)
{
	if (!server->options->quiet)
		intake_report_delivery(exchange, server->options->json);
}

static void server_summarise(struct intake_server *server)
{
	struct fr_error err;
	if (intake_report_summary(server->service.store, server->options->json, &err) != FR_OK)
		complain("no summary", err.text);
}

/* Accepting */

static void server_accept(struct intake_server *server, evutil_socket_t socket)
{
	struct fr_error err;
	if (intake_connection_open(server, socket, &err) != FR_OK)
		complain("a connection", err.text);
}

static void server_pause(struct intake_server *server)
{
	static const struct timeval after = {.tv_usec = RESUME_MS * 1000};
	complain("accept", strerror(errno));
	(void)evconnlistener_disable(server->listener);
	(void)event_add(server->resume, &after);
}

/* libevent */

static void on_turn_end(evutil_socket_t none, short what, void *context)
{
	(void)none;
	(void)what;
	server_commit(context);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t socket,
		      struct sockaddr *address, int length, void *context)
{
	(void)listener;
	(void)address;
	(void)length;
	server_accept(context, socket);
}

static void on_accept_error(struct evconnlistener *listener, void *context)
{
	(void)listener;
	server_pause(context);
}

static void on_resume(evutil_socket_t none, short what, void *context)
{
	(void)none;
	(void)what;
	(void)evconnlistener_enable(((struct intake_server *)context)->listener);
}

static void on_end(evutil_socket_t signal_number, short what, void *context)
{
	(void)signal_number;
	(void)what;
	(void)event_base_loopbreak(((struct intake_server *)context)->base);
}

static void on_ask(evutil_socket_t signal_number, short what, void *context)
{
	(void)signal_number;
	(void)what;
	server_summarise(context);
}

/* Life */

static enum fr_status server_make_events(struct intake_server *server, struct fr_error *err)
{
	static const struct {
		int number;
		event_callback_fn callback;
	} signals[] = {{SIGTERM, on_end}, {SIGINT, on_end}, {SIGUSR1, on_ask}};
	server->base = event_base_new();
	if (server->base == NULL)
		return fr_fail(err, FR_IO, "cannot make an event loop");
	server->turn_end = event_new(server->base, -1, 0, on_turn_end, server);
	server->resume = evtimer_new(server->base, on_resume, server);
	if (server->turn_end == NULL || server->resume == NULL)
		return fr_fail(err, FR_NOMEM, "out of memory");
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		server->signals[i] =
			evsignal_new(server->base, signals[i].number, signals[i].callback, server);
		if (server->signals[i] == NULL || event_add(server->signals[i], NULL) != 0)
			return fr_fail(err, FR_IO, "cannot watch signals");
	}
	return FR_OK;
}

/* The address as it came out, port 0 resolved. */
static enum fr_status server_name_itself(struct intake_server *server, struct fr_error *err)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char host[INET6_ADDRSTRLEN] = "";
	if (getsockname(evconnlistener_get_fd(server->listener),
			(struct sockaddr *)(void *)&address, &length) != 0)
		return fr_fail(err, FR_IO, "getsockname: %s", strerror(errno));
	if (address.ss_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const void *)&address;
		(void)inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		server->port = ntohs(v6->sin6_port);
		(void)snprintf(server->url, sizeof(server->url), "http://[%s]:%d", host,
			       server->port);
	} else {
		const struct sockaddr_in *v4 = (const void *)&address;
		(void)inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		server->port = ntohs(v4->sin_port);
		(void)snprintf(server->url, sizeof(server->url), "http://%s:%d", host,
			       server->port);
	}
	return FR_OK;
}

static enum fr_status server_listen(struct intake_server *server, struct fr_error *err)
{
	const struct intake_options *options = server->options;
	server->listener = evconnlistener_new_bind(
		server->base, on_accept, server,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG,
		(const struct sockaddr *)(const void *)&options->address, options->address_length);
	if (server->listener == NULL)
		return fr_fail(err, FR_IO, "cannot listen: %s", strerror(errno));
	evconnlistener_set_error_cb(server->listener, on_accept_error);
	return server_name_itself(server, err);
}

enum fr_status intake_server_open(struct intake_server *server, const struct fr_env *env,
				  const struct intake_options *options, struct intake_store *store,
				  struct fr_error *err)
{
	*server = (struct intake_server){.options = options};
	TAILQ_INIT(&server->connections);
	TAILQ_INIT(&server->waiting);
	enum fr_status status = intake_service_init(&server->service, env, store, err);
	if (status == FR_OK)
		status = server_make_events(server, err);
	if (status == FR_OK)
		status = server_listen(server, err);
	if (status != FR_OK) {
		intake_server_close(server);
		return status;
	}
	server->service.keys.api_key = options->api_key[0] != '\0' ? options->api_key : NULL;
	server->service.keys.token = options->token[0] != '\0' ? options->token : NULL;
	server->service.faults = options->faults;
	return FR_OK;
}

void intake_server_run(struct intake_server *server)
{
	struct fr_error err;
	(void)event_base_dispatch(server->base);
	if (intake_store_commit(server->service.store, &err) != FR_OK)
		complain("the last turn was not kept", err.text);
	if (!server->options->quiet)
		server_summarise(server);
}

void intake_server_close(struct intake_server *server)
{
	struct intake_connection *connection;
	while ((connection = TAILQ_FIRST(&server->connections)) != NULL)
		intake_connection_close(connection);
	if (server->listener != NULL)
		evconnlistener_free(server->listener);
	for (size_t i = 0; i < sizeof(server->signals) / sizeof(server->signals[0]); i++)
		if (server->signals[i] != NULL)
			event_free(server->signals[i]);
	if (server->turn_end != NULL)
		event_free(server->turn_end);
	if (server->resume != NULL)
		event_free(server->resume);
	if (server->base != NULL)
		event_base_free(server->base);
	intake_service_fini(&server->service);
}

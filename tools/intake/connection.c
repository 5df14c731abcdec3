/* The happy path: bytes arrive; a head is parsed; the body is gathered; the service fills in the
 * answer; the server commits the turn; the answer is written; the next request begins.
 *
 * Failures: what does not parse is answered and the connection lingers, since nobody knows where
 * the next request would begin; a client that goes away takes its connection along at once,
 * except that one which only stopped sending still gets its answer. */
#include "intake/connection.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "intake/server.h"

enum { READ_AHEAD = 256 * 1024, LINGER_MS = 2000 };

/* States */

#define TO(state) (1u << (state))

void intake_connection_move(struct intake_connection *connection, enum intake_connection_state next)
{
	static const unsigned begins =
		TO(INTAKE_ANSWERING) | TO(INTAKE_TRICKLING) | TO(INTAKE_ENDLESS) | TO(INTAKE_STUCK);
	static const unsigned allowed[] = {
		[INTAKE_READING_HEAD] = TO(INTAKE_READING_BODY) | TO(INTAKE_DELAYED) | begins,
		[INTAKE_READING_BODY] = TO(INTAKE_WAITING) | begins,
		[INTAKE_WAITING] = TO(INTAKE_DELAYED) | begins,
		[INTAKE_DELAYED] = begins,
		[INTAKE_ANSWERING] = TO(INTAKE_READING_HEAD) | TO(INTAKE_LINGERING),
		[INTAKE_TRICKLING] = TO(INTAKE_ANSWERING),
		[INTAKE_ENDLESS] = 0,
		[INTAKE_STUCK] = 0,
		[INTAKE_LINGERING] = 0,
	};
	(void)allowed; /* without assertions */
	assert((allowed[connection->state] & TO(next)) != 0);
	connection->state = next;
}

void intake_connection_wait(struct intake_connection *connection, int64_t ms)
{
	struct timeval after = {.tv_sec = (time_t)(ms / 1000),
				.tv_usec = (suseconds_t)(ms % 1000 * 1000)};
	(void)event_add(connection->timer, &after);
}

/* The answer is ready: give it, now or when the fault's delay is over. */
static void connection_act(struct intake_connection *connection)
{
	const struct intake_fault *fault = &connection->exchange.fault;
	if (fault->kind == INTAKE_FAULT_NONE || fault->delay_ms == 0) {
		intake_connection_respond(connection);
		return;
	}
	intake_connection_move(connection, INTAKE_DELAYED);
	intake_connection_wait(connection, fault->delay_ms);
}

/* Reading */

static void connection_refuse(struct intake_connection *connection, struct intake_refusal refusal)
{
	connection->keep_alive = false;
	intake_exchange_clear(&connection->exchange);
	intake_answer_set_error(&connection->exchange.answer, refusal.status, refusal.reason);
	intake_connection_respond(connection);
}

/* Moves the next head out of the input; false when it is not all there, or too long. */
static bool connection_take_head(struct intake_connection *connection, size_t *length)
{
	static const struct intake_refusal too_long = {431, "a head of more than 64 KiB"};
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
	if (end.pos < 0 && evbuffer_get_length(input) < sizeof(connection->head))
		return false;
	if (end.pos < 0 || (size_t)end.pos + 4 > sizeof(connection->head)) {
		connection_refuse(connection, too_long);
		return false;
	}
	*length = (size_t)end.pos + 4;
	return evbuffer_remove(input, connection->head, *length) == (int)*length;
}

/* The client waits for a sign before it sends the body; give it. */
static void connection_say_continue(struct intake_connection *connection)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	if (connection->exchange.head.expects_continue &&
	    evbuffer_get_length(bufferevent_get_input(connection->stream)) == 0)
		(void)bufferevent_write(connection->stream, go_on, strlen(go_on));
}

/* The connection_read functions return whether there may be more to do. */
static bool connection_read_head(struct intake_connection *connection)
{
	struct intake_exchange *exchange = &connection->exchange;
	size_t length = 0;
	if (!connection_take_head(connection, &length))
		return false;
	intake_exchange_clear(exchange);
	struct intake_refusal refusal =
		intake_head_parse(&exchange->head, connection->head, length);
	if (refusal.status != 0) {
		connection_refuse(connection, refusal);
		return false;
	}
	connection->keep_alive = exchange->head.keep_alive;
	connection->chunks = (struct intake_chunks){0};
	if (intake_service_look_early(&connection->server->service, exchange)) {
		intake_server_end_turn(connection->server);
		intake_server_report(connection->server, exchange);
		connection_act(connection);
		return false;
	}
	connection_say_continue(connection);
	intake_connection_move(connection, INTAKE_READING_BODY);
	return true;
}

/* Feeds what has arrived to the body; true once it is complete. */
static bool connection_gather(struct intake_connection *connection, struct intake_refusal *refusal)
{
	struct intake_exchange *exchange = &connection->exchange;
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	const struct intake_head *head = &exchange->head;
	size_t here;
	while ((here = evbuffer_get_contiguous_space(input)) > 0 && refusal->status == 0) {
		const char *data = (const char *)evbuffer_pullup(input, (ev_ssize_t)here);
		size_t used = here;
		if (head->chunked) {
			*refusal = intake_chunks_take(&connection->chunks, data, here, &used,
						      &exchange->body);
		} else {
			if (used > head->length - exchange->body.length)
				used = (size_t)(head->length - exchange->body.length);
			fr_buffer_add(&exchange->body, data, used);
		}
		(void)evbuffer_drain(input, used);
		if (used == 0)
			break;
	}
	if (exchange->body.status == FR_NOMEM)
		*refusal = (struct intake_refusal){503, "out of memory"};
	return head->chunked ? connection->chunks.state == INTAKE_CHUNK_DONE
			     : exchange->body.length == head->length;
}

static bool connection_read_body(struct intake_connection *connection)
{
	struct intake_server *server = connection->server;
	struct intake_refusal refusal = {0, NULL};
	bool is_complete = connection_gather(connection, &refusal);
	if (refusal.status != 0) {
		connection_refuse(connection, refusal);
		return false;
	}
	if (!is_complete)
		return false;
	intake_service_handle(&server->service, &connection->exchange);
	if (connection->exchange.awaits_commit) {
		intake_connection_move(connection, INTAKE_WAITING);
		TAILQ_INSERT_TAIL(&server->waiting, connection, among_waiting);
		intake_server_end_turn(server);
	} else {
		intake_connection_respond(connection);
	}
	return false;
}

static void connection_advance(struct intake_connection *connection)
{
	bool may_go_on = true;
	while (may_go_on) {
		switch (connection->state) {
		case INTAKE_READING_HEAD:
			may_go_on = connection_read_head(connection);
			break;
		case INTAKE_READING_BODY:
			may_go_on = connection_read_body(connection);
			break;
		case INTAKE_LINGERING: {
			struct evbuffer *input = bufferevent_get_input(connection->stream);
			(void)evbuffer_drain(input, evbuffer_get_length(input));
			return;
		}
		case INTAKE_WAITING:
		case INTAKE_DELAYED:
		case INTAKE_ANSWERING:
		case INTAKE_TRICKLING:
		case INTAKE_ENDLESS:
		case INTAKE_STUCK:
			return;
		}
	}
}

/* Answering */

void intake_connection_committed(struct intake_connection *connection, bool is_kept)
{
	assert(connection->state == INTAKE_WAITING);
	TAILQ_REMOVE(&connection->server->waiting, connection, among_waiting);
	if (!is_kept) {
		connection->exchange.is_accepted = false;
		connection->exchange.fault.kind = INTAKE_FAULT_NONE;
		intake_answer_set_error(&connection->exchange.answer, 503,
					"the store could not be written to");
	}
	intake_server_report(connection->server, &connection->exchange);
	connection_act(connection);
}

/* All of an answer has left. */
static void connection_answered(struct intake_connection *connection)
{
	if (connection->keep_alive) {
		intake_connection_move(connection, INTAKE_READING_HEAD);
		connection_advance(connection);
		return;
	}
	intake_connection_move(connection, INTAKE_LINGERING);
	(void)shutdown(bufferevent_getfd(connection->stream), SHUT_WR);
	intake_connection_wait(connection, LINGER_MS);
	connection_advance(connection);
}

static void connection_drained(struct intake_connection *connection)
{
	switch (connection->state) {
	case INTAKE_ANSWERING:
		connection_answered(connection);
		break;
	case INTAKE_ENDLESS:
		intake_connection_go_on(connection);
		break;
	case INTAKE_READING_HEAD:
	case INTAKE_READING_BODY: /* 100 Continue has left */
	case INTAKE_WAITING:
	case INTAKE_DELAYED:
	case INTAKE_TRICKLING:
	case INTAKE_STUCK:
	case INTAKE_LINGERING:
		break;
	}
}

static void connection_tick(struct intake_connection *connection)
{
	if (connection->state == INTAKE_DELAYED)
		intake_connection_respond(connection);
	else if (connection->state == INTAKE_TRICKLING)
		intake_connection_trickle(connection);
	else
		intake_connection_close(connection);
}

/* The client sends no more, or is gone. Who has an answer coming gets it all the same: `nc`
 * closes its side as soon as it has sent. */
static void connection_left(struct intake_connection *connection, bool is_orderly)
{
	bool has_answer_coming = connection->state == INTAKE_WAITING ||
				 connection->state == INTAKE_DELAYED ||
				 connection->state == INTAKE_ANSWERING;
	connection->keep_alive = false;
	if (!is_orderly || !has_answer_coming)
		intake_connection_close(connection);
}

/* libevent */

static void on_readable(struct bufferevent *stream, void *context)
{
	(void)stream;
	connection_advance(context);
}

static void on_drained(struct bufferevent *stream, void *context)
{
	(void)stream;
	connection_drained(context);
}

static void on_left(struct bufferevent *stream, short what, void *context)
{
	(void)stream;
	connection_left(context, (what & BEV_EVENT_EOF) != 0);
}

static void on_tick(evutil_socket_t socket, short what, void *context)
{
	(void)socket;
	(void)what;
	connection_tick(context);
}

/* Life */

enum fr_status intake_connection_open(struct intake_server *server, evutil_socket_t socket,
				      struct fr_error *err)
{
	struct intake_connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL) {
		(void)evutil_closesocket(socket);
		return fr_fail(err, FR_NOMEM, "out of memory");
	}
	int yes = 1;
	(void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	connection->server = server;
	intake_exchange_init(&connection->exchange);
	fr_buffer_init(&connection->out, INTAKE_ANSWER_MAX);
	TAILQ_INSERT_TAIL(&server->connections, connection, among_all);
	connection->timer = evtimer_new(server->base, on_tick, connection);
	connection->stream = bufferevent_socket_new(server->base, socket, BEV_OPT_CLOSE_ON_FREE);
	if (connection->stream == NULL)
		(void)evutil_closesocket(socket);
	if (connection->stream == NULL || connection->timer == NULL) {
		intake_connection_close(connection);
		return fr_fail(err, FR_NOMEM, "out of memory");
	}
	bufferevent_setcb(connection->stream, on_readable, on_drained, on_left, connection);
	bufferevent_setwatermark(connection->stream, EV_READ, 0, READ_AHEAD);
	(void)bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
	return FR_OK;
}

void intake_connection_close(struct intake_connection *connection)
{
	struct intake_server *server = connection->server;
	if (connection->state == INTAKE_WAITING)
		TAILQ_REMOVE(&server->waiting, connection, among_waiting);
	TAILQ_REMOVE(&server->connections, connection, among_all);
	if (connection->timer != NULL)
		event_free(connection->timer);
	if (connection->stream != NULL)
		bufferevent_free(connection->stream);
	intake_exchange_fini(&connection->exchange);
	fr_buffer_fini(&connection->out);
	free(connection);
}

/* How an answer leaves: whole and well-formed, or as the fault has it. */
#include "intake/connection.h"

#include <assert.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "intake/server.h"

enum { SHORT_BY = 1000, ENDLESS_PIECE = 16 * 1024 };

static void respond_with(struct intake_connection *connection, const void *data, size_t length,
			 enum intake_connection_state next)
{
	if (connection->out.status != FR_OK ||
	    bufferevent_write(connection->stream, data, length) != 0) {
		intake_connection_close(connection);
		return;
	}
	intake_connection_move(connection, next);
}

/* The head goes to connection->out; length is what it promises. */
static void write_head(struct intake_connection *connection, int64_t length)
{
	fr_buffer_clear(&connection->out);
	intake_answer_write_head(&connection->exchange.answer, &connection->out, length,
				 connection->keep_alive,
				 fr_env_wall_us(connection->server->service.env));
}

/* The whole answer goes to connection->out, its body said to be longer than it is. */
static void write_answer(struct intake_connection *connection, size_t longer)
{
	const struct intake_answer *answer = &connection->exchange.answer;
	write_head(connection, (int64_t)(answer->body.length + longer));
	if (intake_status_has_body(answer->status))
		fr_buffer_add(&connection->out, answer->body.data, answer->body.length);
}

static void respond_whole(struct intake_connection *connection)
{
	struct intake_answer *answer = &connection->exchange.answer;
	if (answer->body.status != FR_OK || answer->headers.status != FR_OK)
		intake_answer_set_error(answer, 500, "the answer is too large");
	write_answer(connection, 0);
	respond_with(connection, connection->out.data, connection->out.length, INTAKE_ANSWERING);
}

static void respond_short(struct intake_connection *connection)
{
	connection->keep_alive = false;
	write_answer(connection, SHORT_BY);
	respond_with(connection, connection->out.data, connection->out.length, INTAKE_ANSWERING);
}

static void respond_half_a_head(struct intake_connection *connection)
{
	connection->keep_alive = false;
	write_head(connection, (int64_t)connection->exchange.answer.body.length);
	respond_with(connection, connection->out.data, connection->out.length / 2,
		     INTAKE_ANSWERING);
}

static void respond_without_http(struct intake_connection *connection)
{
	static const unsigned char noise[] =
		"\x16\x03\x01\x02\x00 this is not HTTP \x00\xff\xfe\r\n";
	connection->keep_alive = false;
	respond_with(connection, noise, sizeof(noise) - 1, INTAKE_ANSWERING);
}

static void respond_hugely(struct intake_connection *connection)
{
	struct intake_answer *answer = &connection->exchange.answer;
	const size_t wanted = (size_t)connection->exchange.fault.bytes;
	static const char line[] =
		"X-Padding: 0123456789012345678901234567890123456789012345678901234567890123\r\n";
	while (answer->headers.length < wanted && answer->headers.status == FR_OK)
		fr_buffer_add(&answer->headers, line, sizeof(line) - 1);
	respond_whole(connection);
}

static void respond_endlessly(struct intake_connection *connection)
{
	connection->keep_alive = false;
	write_head(connection, -1);
	respond_with(connection, connection->out.data, connection->out.length, INTAKE_ENDLESS);
}

void intake_connection_go_on(struct intake_connection *connection)
{
	assert(connection->state == INTAKE_ENDLESS);
	fr_buffer_clear(&connection->out);
	fr_buffer_add_format(&connection->out, "%x\r\n%*s\r\n", (unsigned)ENDLESS_PIECE,
			     (int)ENDLESS_PIECE, "");
	if (connection->out.status != FR_OK ||
	    bufferevent_write(connection->stream, connection->out.data, connection->out.length) !=
		    0)
		intake_connection_close(connection);
}

static void respond_in_a_trickle(struct intake_connection *connection)
{
	connection->keep_alive = false;
	connection->trickled = 0;
	write_answer(connection, 0);
	intake_connection_move(connection, INTAKE_TRICKLING);
	intake_connection_trickle(connection);
}

void intake_connection_trickle(struct intake_connection *connection)
{
	assert(connection->state == INTAKE_TRICKLING);
	const char *next = fr_buffer_text(&connection->out) + connection->trickled++;
	if (connection->out.status != FR_OK ||
	    bufferevent_write(connection->stream, next, 1) != 0) {
		intake_connection_close(connection);
		return;
	}
	if (connection->trickled < connection->out.length)
		intake_connection_wait(connection, connection->exchange.fault.interval_ms);
	else
		intake_connection_move(connection, INTAKE_ANSWERING);
}

static void close_rudely(struct intake_connection *connection)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	(void)setsockopt(bufferevent_getfd(connection->stream), SOL_SOCKET, SO_LINGER, &at_once,
			 sizeof(at_once));
	intake_connection_close(connection);
}

/* Says nothing more; `stall` also stops reading, so that the client's sending blocks. */
static void fall_silent(struct intake_connection *connection)
{
	if (connection->exchange.fault.kind == INTAKE_FAULT_STALL)
		(void)bufferevent_disable(connection->stream, EV_READ);
	intake_connection_move(connection, INTAKE_STUCK);
}

void intake_connection_respond(struct intake_connection *connection)
{
	switch (connection->exchange.fault.kind) {
	case INTAKE_FAULT_NONE:
	case INTAKE_FAULT_DELAY:
	case INTAKE_FAULT_STATUS:
	case INTAKE_FAULT_REJECT:
	case INTAKE_FAULT_HTML:
	case INTAKE_FAULT_REDIRECT:
		respond_whole(connection);
		break;
	case INTAKE_FAULT_DROP_BEFORE:
	case INTAKE_FAULT_DROP_AFTER:
		intake_connection_close(connection);
		break;
	case INTAKE_FAULT_RESET_AFTER:
		close_rudely(connection);
		break;
	case INTAKE_FAULT_STALL:
	case INTAKE_FAULT_HANG:
		fall_silent(connection);
		break;
	case INTAKE_FAULT_DROP_MID_ANSWER:
		respond_half_a_head(connection);
		break;
	case INTAKE_FAULT_SHORT_BODY:
		respond_short(connection);
		break;
	case INTAKE_FAULT_ENDLESS_BODY:
		respond_endlessly(connection);
		break;
	case INTAKE_FAULT_TRICKLE:
		respond_in_a_trickle(connection);
		break;
	case INTAKE_FAULT_HUGE_HEADERS:
		respond_hugely(connection);
		break;
	case INTAKE_FAULT_NOT_HTTP:
		respond_without_http(connection);
		break;
	}
}

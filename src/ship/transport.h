/* The way out: takes a request, calls back once with its outcome.
 *
 * A transport is a table of functions and what is behind it: http.c is libcurl's multi interface
 * inside the agent's libevent loop, file_transport.c appends to a file, tests bring one of their
 * own.
 *
 * Invariants: every send that returned FR_OK gets exactly one callback, also after cancel and at
 * free (outcome AMBIGUOUS); never from inside send itself. One transport per sink: no connection
 * is ever shared between credentials.
 * Life: the callback may send again, and must not free the transport. Threads: the loop's.
 */
#ifndef FR_SHIP_TRANSPORT_H
#define FR_SHIP_TRANSPORT_H

#include "base/env.h"
#include "ship/verdict.h"
#include "sink/sink.h"

enum { FR_OUTCOME_TEXT = 256 };

struct event_base;
struct fr_transport;
struct fr_exchange; /* one request under way */

struct fr_exchange_result {
	enum fr_outcome outcome;
	struct fr_answer answer; /* borrowed for the call; status 0 when there was none */
	const char *text;        /* the transport's words when there is no answer; else "" */
	bool is_unsent;          /* the answer is to a question that went ahead (asking.h) */
	bool is_new_connection;  /* one had to be made for it */
};
typedef void fr_on_result(void *context, const struct fr_exchange_result *result);

struct fr_sending {
	struct fr_request
		*request;   /* what is needed of it is copied or taken: its body is emptied */
	int64_t sent_at_us; /* wall clock, for X-Flightrec-Sent-At */
	fr_on_result *on_result;
	void *context;
};

struct fr_transport_kind {
	enum fr_status (*send)(struct fr_transport *transport, const struct fr_sending *sending,
			       struct fr_exchange **out, struct fr_error *err);
	void (*cancel)(struct fr_exchange *exchange);
	void (*use_http1)(struct fr_transport *transport);
	void (*free)(struct fr_transport *transport);
};

/* First member of what a kind of transport or exchange really is. */
struct fr_transport {
	const struct fr_transport_kind *kind;
	bool is_closing; /* a callback of the last cancel may not send again */
};
struct fr_exchange {
	struct fr_transport *transport;
};

/* The right one for the sink's type. Settings and env are borrowed until free. */
enum fr_status fr_transport_new(struct fr_transport **out, struct event_base *loop,
				const struct fr_sink_settings *settings, const struct fr_env *env,
				struct fr_error *err);

/* Cancels what is under way and never waits for the network or a resolver. NULL is fine. */
void fr_transport_free(struct fr_transport *transport);

enum fr_status fr_transport_send(struct fr_transport *transport, const struct fr_sending *sending,
				 struct fr_exchange **out, struct fr_error *err);
void fr_transport_cancel(struct fr_exchange *exchange);

/* From now on HTTP/1.1 only: HTTP/2 broke too often. */
void fr_transport_use_http1(struct fr_transport *transport);

#endif

/* The way out: sends a request, calls back once with its outcome. The real one is libcurl's multi interface inside the
 * agent's libevent loop; tests put a fake one in its place.
 *
 * Invariants: every fr_transport_send gets exactly one callback, also after cancel (outcome AMBIGUOUS) and at
 * shutdown; never from inside send itself. One multi handle per sink: no connection is ever shared between credentials.
 * Threads: the loop's.
 */
#ifndef FR_SHIP_TRANSPORT_H
#define FR_SHIP_TRANSPORT_H

#include "base/env.h"
#include "ship/verdict.h"
#include "sink/sink.h"

struct event_base;
struct fr_transport;
struct fr_exchange; /* one request under way */

struct fr_exchange_result {
	enum fr_outcome outcome;
	struct fr_answer answer; /* borrowed for the call */
	char text[256];          /* the transport's words when there is no answer */
};
typedef void fr_on_result(void *context, const struct fr_exchange_result *result);

enum fr_status fr_transport_new(struct fr_transport **out, struct event_base *loop,
				const struct fr_sink_settings *settings, const struct fr_env *env,
				struct fr_error *err);

/* Cancels what is under way (each gets its callback) and never waits for the network or a resolver. */
void fr_transport_free(struct fr_transport *transport);

/* Takes a private copy of what it needs of the request (the body may be taken over: request->body is emptied). */
enum fr_status fr_transport_send(struct fr_transport *transport, struct fr_request *request,
				 int64_t sent_at_us, fr_on_result *on_result, void *context,
				 struct fr_exchange **out, struct fr_error *err);
void fr_transport_cancel(struct fr_exchange *exchange);

/* From now on HTTP/1.1 only (three broken HTTP/2 answers in a row). */
void fr_transport_use_http1(struct fr_transport *transport);

#endif

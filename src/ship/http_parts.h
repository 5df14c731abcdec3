/* What the files of the HTTP transport share: http.c drives the multi handle, http_easy.c sets up
 * the handle of one exchange, http_exchange.c is the exchange itself.
 *
 * Ownership: the transport owns its exchanges, sockets and one spare easy handle; an exchange owns
 * its easy handle and all memory that handle borrows while it runs.
 */
#ifndef FR_SHIP_HTTP_PARTS_H
#define FR_SHIP_HTTP_PARTS_H

#include <curl/curl.h>
#include <event2/event_struct.h>
#include <stdbool.h>

#include "ship/http_answer.h"
#include "ship/transport.h"

struct http_transport {
	struct fr_transport base;
	struct event_base *loop;
	const struct fr_sink_settings *settings;
	const struct fr_env *env;
	CURLM *multi;
	CURL *spare; /* set up for this sink, not in use; may be NULL */
	struct event timer;
	struct http_socket *sockets;     /* those libcurl wants watched */
	struct http_exchange *exchanges; /* those under way */
	bool http1_only;
};

struct http_exchange {
	struct fr_exchange base;
	struct http_transport *transport;
	struct http_exchange *next;
	CURL *easy;
	struct curl_slist *headers;
	char *body; /* as it is sent, packed or not */
	size_t body_length;
	bool is_packed;
	bool is_plain; /* http, not https */
	struct fr_http_answer answer;
	unsigned idle_steps; /* of libcurl, none of which moved a byte of request or answer */
	char words[CURL_ERROR_SIZE];
	fr_on_result *on_result;
	void *context;
};

/* An easy handle with everything that is the same for all requests of this sink; NULL when libcurl
 * refuses one of the settings, which *err then names. */
CURL *fr_http_easy_new(const struct http_transport *transport, struct fr_error *err);

/* Sets what differs from request to request. */
enum fr_status fr_http_easy_prepare(struct http_exchange *exchange, const char *url,
				    struct fr_error *err);

/* Copies and packs what is sent, and readies an easy handle; nothing is under way yet. */
enum fr_status fr_http_exchange_new(struct http_exchange **out, struct http_transport *transport,
				    const struct fr_sending *sending, struct fr_error *err);
void fr_http_exchange_free(struct http_exchange *exchange);

/* Off the multi handle and the list, the one callback, and gone. */
void fr_http_exchange_finish(struct http_exchange *exchange, CURLcode code);

#endif

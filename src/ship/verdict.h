/* What an answer means: delivery.md's table as one pure function.
 *
 * The happy path is `2xx -> ack`. Everything else is decided from the status, the transport's error class and what is
 * known of the batch and the sink; nothing here waits, sends or forgets. No verdict loses an event.
 */
#ifndef FR_SHIP_VERDICT_H
#define FR_SHIP_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "sink/sink.h"

enum fr_action {
	FR_ACT_ACK,    /* exactly the events of the request are finished */
	FR_ACT_RETRY,  /* the same batch again after a backoff */
	FR_ACT_PAUSE,  /* stop sending; probe */
	FR_ACT_SPLIT,  /* too large: halves; a single event becomes a dead letter */
	FR_ACT_BISECT, /* some event is refused: halves; a single event becomes a dead letter */
};

/* The transport's own outcome classes, translated from CURLcode in transport.c. */
enum fr_outcome {
	FR_OUTCOME_ANSWER,    /* a complete HTTP answer (or a file write) */
	FR_OUTCOME_OFFLINE,   /* cannot resolve or connect: nothing was sent */
	FR_OUTCOME_AMBIGUOUS, /* timeout, cut, HTTP/2 stream error: it may have been taken */
	FR_OUTCOME_TLS,       /* handshake or certificate: nothing was sent */
	FR_OUTCOME_LOCAL, /* bad URL, local certificate, unsupported: until the config changes */
};

struct fr_verdict {
	enum fr_action action;
	const char *
		kind; /* a word: "delivered", "credentials", "endpoint", "proxy", "offline", "tls", "overloaded",
				 * "server", "redirect", "refused", "too_large", "ambiguous", "local", "captive_portal" */
	bool ambiguous;       /* the batch may have been taken: id and body stay fixed */
	int64_t at_least_ms;  /* the server's wish, already clamped to 1 s ... 6 h; 0: none */
	int64_t cap_ms;       /* the backoff's cap for this class; 0: the sink's retry.max */
	int64_t floor_ms;     /* the backoff's least wait for this class */
	unsigned pause_after; /* so many in a row turn into a pause; 0: never */
	bool fall_back_to_http1;
	char reason[256]; /* for people; names status or error and what one could do */
};

/* streak: how many failures of the same kind went before. */
struct fr_verdict_input {
	enum fr_outcome outcome;
	const char *transport_text; /* libcurl's words; "" for an answer */
	const struct fr_answer *answer;
	const struct fr_answer_details *details;
	bool is_http_plain; /* over plain http: an html answer is a captive portal */
	unsigned streak;
};
struct fr_verdict fr_verdict_of(const struct fr_verdict_input *input);

/* Retry-After in seconds or as an HTTP date, the date judged by the server's own Date; clamped to 1 s ... 6 h; 0 when it
 * is absent or nonsense. */
int64_t fr_retry_after_ms(const char *retry_after, const char *date);

#endif

/* What an answer means: the table of verdicts as one pure function.
 *
 * The happy path is `2xx -> ack`. Everything else is decided from the status, the transport's
 * outcome and what is known of the batch and the sink; nothing here waits, sends or forgets. No
 * verdict loses an event.
 */
#ifndef FR_SHIP_VERDICT_H
#define FR_SHIP_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "sink/answer.h"

enum fr_action {
	FR_ACT_ACK,    /* exactly the events of the request are finished */
	FR_ACT_RETRY,  /* the same batch again after a backoff */
	FR_ACT_PAUSE,  /* stop sending; probe */
	FR_ACT_SPLIT,  /* too large: halves; a single event becomes a dead letter */
	FR_ACT_BISECT, /* some event is refused: halves; a single event becomes a dead letter */
	FR_ACT_BURY,   /* must not be sent again: all of it becomes dead letters */
};

/* How an exchange ended, as the transport classes it. */
enum fr_outcome {
	FR_OUTCOME_ANSWER,    /* an HTTP answer came, or a file was written (status 200) */
	FR_OUTCOME_OFFLINE,   /* cannot resolve or connect: nothing was sent */
	FR_OUTCOME_AMBIGUOUS, /* timeout, cut, HTTP/2 stream error: it may have been taken */
	FR_OUTCOME_TLS,       /* handshake or certificate: nothing was sent */
	FR_OUTCOME_LOCAL,     /* bad URL, local certificate, unsupported: until somebody mends it */
	FR_OUTCOME_FILE,      /* the file could not be written: disk full, permission */
};

struct fr_verdict {
	enum fr_action action;
	const char *kind; /* a word: "delivered", "credentials", "endpoint", "proxy", "offline",
			   * "tls", "overloaded", "retry_after", "server", "redirect", "refused",
			   * "too_large", "ambiguous", "local", "disk", "captive_portal", "setup",
			   * "unknown", "for_good" */
	bool ambiguous;   /* the batch may have been taken: id and body stay fixed */
	bool fall_back_to_http1;
	bool then_pause;     /* with FR_ACT_BURY: too many in a row; no further batch for now */
	int64_t at_least_ms; /* the server's wish, clamped to 1 s ... 6 h; 0: none */
	int64_t floor_ms;    /* the least wait: of a backoff, or before a pause is probed */
	int64_t cap_ms;      /* the longest, likewise; 0: the sink's retry.max */
	char reason[256];    /* for people: names status or error and what one could do */
};

struct fr_verdict_input {
	enum fr_outcome outcome;
	const char *transport_text; /* the transport's words; "" for an answer */
	const struct fr_answer *answer;
	const struct fr_answer_details *details; /* NULL: nothing was read */
	bool is_unsent;        /* the answer is to a question that went ahead of the request */
	bool is_http_plain;    /* over plain http a page instead of an answer is a captive portal */
	const char *last_kind; /* the kind of the last failure; "" when all was well */
	unsigned streak;       /* how many of that kind came in a row */
};
struct fr_verdict fr_verdict_of(const struct fr_verdict_input *input);

/* The kind of a wait that the server asked for: nobody ends it early, nor after a restart. */
#define FR_KIND_RETRY_AFTER "retry_after"

/* The kind of a pause in which nothing is buried, since what is sent may not be at fault. */
#define FR_KIND_SETUP "setup"

#endif

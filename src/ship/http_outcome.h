/* What libcurl's result means for a batch: pure, so that it can be tested without a network. */
#ifndef FR_SHIP_HTTP_OUTCOME_H
#define FR_SHIP_HTTP_OUTCOME_H

#include <curl/curl.h>
#include <stdbool.h>

#include "ship/verdict.h"

struct fr_http_facts {
	CURLcode code;
	int status;             /* of the last status line; 0 when none came */
	bool head_complete;     /* all headers of that answer arrived */
	bool was_sent;          /* at least a byte of the request left */
	int connect_status;     /* what a proxy answered to CONNECT; 0 when none was asked */
	bool wants_certificate; /* instead of taking anything, the server asks for (another) client
				 * certificate */
};

struct fr_http_outcome {
	enum fr_outcome outcome;
	int status;           /* for FR_OUTCOME_ANSWER */
	bool body_incomplete; /* likewise */
};

struct fr_http_outcome fr_http_outcome_of(const struct fr_http_facts *facts);

/* Is this how a server says over TLS that it wants (another) client certificate? By the end of the
 * handshake in TLS 1.3 the request has left already, so that it comes as a failure to read, or
 * (nginx) as an answer 400 that no event is to blame for. */
bool fr_http_wants_certificate(CURLcode code, const char *words, int status,
			       const char *content_type, const char *body);

#endif

/* What libcurl's result means for a batch: pure, so that it can be tested without a network. */
#ifndef FR_SHIP_HTTP_OUTCOME_H
#define FR_SHIP_HTTP_OUTCOME_H

#include <curl/curl.h>
#include <stdbool.h>

#include "ship/verdict.h"

struct fr_http_facts {
	CURLcode code;
	int status;         /* of the last status line; 0 when none came */
	bool head_complete; /* all headers of that answer arrived */
	bool was_sent;      /* at least a byte of the request left */
	int connect_status; /* what a proxy answered to CONNECT; 0 when none was asked */
};

struct fr_http_outcome {
	enum fr_outcome outcome;
	int status;           /* for FR_OUTCOME_ANSWER */
	bool body_incomplete; /* likewise */
};

struct fr_http_outcome fr_http_outcome_of(const struct fr_http_facts *facts);

#endif

/* What libcurl says of a failure, in words a person can act on.
 *
 * Never a user or a password of a proxy: what libcurl quotes of a URL is hidden.
 */
#ifndef FR_SHIP_HTTP_WORDS_H
#define FR_SHIP_HTTP_WORDS_H

#include <curl/curl.h>

#include "ship/http_trust.h"
#include "ship/transport.h"

struct fr_http_trouble {
	CURLcode code;
	const char *text;       /* libcurl's own words; "" where it has none */
	int connect_status;     /* what a proxy answered to CONNECT; 0 when none was asked */
	bool wants_certificate; /* the server answered that it wants (another) one from us */
	const struct fr_sink_settings *settings;
	struct fr_http_trust trust;
};

void fr_http_words(const struct fr_http_trouble *trouble, char out[FR_OUTCOME_TEXT]);

#endif

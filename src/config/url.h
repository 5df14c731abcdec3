/* A strict reading of a URL: scheme, host, port, and nothing that two readers could read
 * differently.
 *
 * libcurl lives in ship/ and is more forgiving; what passes here means the same to both.
 * Credentials in a URL are refused, since they end up in logs, but for a proxy's, which nobody
 * shows.
 */
#ifndef FR_CONFIG_URL_H
#define FR_CONFIG_URL_H

#include <stdbool.h>

enum { FR_URL_HOST_MAX = 253 };

struct fr_url {
	char scheme[16]; /* lower case */
	char host[FR_URL_HOST_MAX + 1];
	bool is_ipv6;  /* it stood in brackets, which host has no more */
	unsigned port; /* 0: the scheme's own */
};

/* NULL when it is one; else what is wrong, as a phrase behind the URL: "has no host". */
const char *fr_url_parse(const char *text, struct fr_url *out);

/* The same for the URL of a proxy, which may have a user and a password in it. */
const char *fr_url_parse_proxy(const char *text, struct fr_url *out);

/* localhost, 127.0.0.0/8 as four numbers, ::1. Whatever else might lead home is not sure to. */
bool fr_url_is_loopback(const struct fr_url *url);

#endif

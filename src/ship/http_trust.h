/* Whom a sink's connections trust: where the authorities' certificates are. */
#ifndef FR_SHIP_HTTP_TRUST_H
#define FR_SHIP_HTTP_TRUST_H

#include "base/env.h"
#include "sink/settings.h"

/* Paths are borrowed from the settings or the environment. Both NULL: the system's own. */
struct fr_http_trust {
	const char *file;   /* many certificates in one file; NULL: none */
	const char *folder; /* one certificate each, hashed by OpenSSL's rules; NULL: none */
	const char *origin; /* who named them: "tls.ca_file", "CURL_CA_BUNDLE" ...; NULL: nobody */
};

/* The config's file and nothing beside it; else what the environment names, as the curl program
 * reads it (libcurl does not): CURL_CA_BUNDLE, else SSL_CERT_FILE and SSL_CERT_DIR. A variable that
 * is empty names nothing. */
struct fr_http_trust fr_http_trust_of(const struct fr_sink_settings *settings,
				      const struct fr_env *env);

#endif

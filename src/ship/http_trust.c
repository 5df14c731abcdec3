#include "ship/http_trust.h"

#include <stddef.h>

static const char *variable(const struct fr_env *env, const char *name)
{
	const char *value = fr_env_variable(env, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

struct fr_http_trust fr_http_trust_of(const struct fr_sink_settings *settings,
				      const struct fr_env *env)
{
	struct fr_http_trust trust = {NULL, NULL, NULL};

	if (settings->ca_file[0] != '\0')
		return (struct fr_http_trust){settings->ca_file, NULL, "tls.ca_file"};
	trust.file = variable(env, "CURL_CA_BUNDLE");
	if (trust.file != NULL) {
		trust.origin = "CURL_CA_BUNDLE";
		return trust;
	}
	trust.file = variable(env, "SSL_CERT_FILE");
	trust.folder = variable(env, "SSL_CERT_DIR");
	if (trust.file != NULL)
		trust.origin = "SSL_CERT_FILE";
	else if (trust.folder != NULL)
		trust.origin = "SSL_CERT_DIR";
	return trust;
}

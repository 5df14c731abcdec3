/* The happy path: the headers came, so there is an answer, whatever became of its body. Else a
 * proxy may have refused the tunnel; else the code says whose fault it is, unless a byte of the
 * request has left: then nobody knows, but for TLS, whose handshake comes before any of it.
 */
#include "ship/http_outcome.h"

#include <stddef.h>

static const CURLcode tls_codes[] = {
	CURLE_SSL_CONNECT_ERROR,        CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR,
	CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,    CURLE_SSL_CLIENTCERT,
};

static const CURLcode local_codes[] = {
	CURLE_UNSUPPORTED_PROTOCOL,  CURLE_URL_MALFORMAT,        CURLE_NOT_BUILT_IN,
	CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION,       CURLE_SETOPT_OPTION_SYNTAX,
	CURLE_SSL_ENGINE_NOTFOUND,   CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED,
	CURLE_SSL_CERTPROBLEM,       CURLE_SSL_CIPHER,           CURLE_SSL_CACERT_BADFILE,
	CURLE_SSL_CRL_BADFILE,
};

static bool is_among(CURLcode code, const CURLcode *codes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (codes[i] == code)
			return true;
	return false;
}

#define AMONG(code, codes) is_among(code, codes, sizeof(codes) / sizeof *(codes))

/* A proxy's own words: 407 and 511 want a login, the rest means that the way is closed. */
static struct fr_http_outcome refused_tunnel(int connect_status)
{
	if (connect_status == 407 || connect_status == 511)
		return (struct fr_http_outcome){FR_OUTCOME_ANSWER, connect_status, false};
	return (struct fr_http_outcome){FR_OUTCOME_OFFLINE, 0, false};
}

struct fr_http_outcome fr_http_outcome_of(const struct fr_http_facts *facts)
{
	bool is_tunnelled = facts->connect_status == 0 || facts->connect_status / 100 == 2;

	if (facts->head_complete && facts->status >= 200)
		return (struct fr_http_outcome){FR_OUTCOME_ANSWER, facts->status,
						facts->code != CURLE_OK};
	if (!is_tunnelled)
		return refused_tunnel(facts->connect_status);
	if (AMONG(facts->code, tls_codes))
		return (struct fr_http_outcome){FR_OUTCOME_TLS, 0, false};
	if (facts->was_sent)
		return (struct fr_http_outcome){FR_OUTCOME_AMBIGUOUS, 0, false};
	if (AMONG(facts->code, local_codes))
		return (struct fr_http_outcome){FR_OUTCOME_LOCAL, 0, false};
	return (struct fr_http_outcome){FR_OUTCOME_OFFLINE, 0, false};
}

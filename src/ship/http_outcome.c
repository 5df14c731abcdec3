/* The happy path: the headers came, so there is an answer, whatever became of its body (unless it
 * is about our certificate: such a request is not passed on to anybody). Else a proxy may have
 * refused the tunnel; else the code says whose fault it is, unless a byte of the request has left:
 * then nobody knows, but for TLS, whose handshake comes before any of it.
 */
#include "ship/http_outcome.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

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

/* What nginx calls 495 and 496, and sends as a 400 unless it was told otherwise. Its own page, not
 * one that quotes an event which speaks of such things. */
static bool is_refusal_page(int status, const char *content_type, const char *body)
{
	static const char html[] = "text/html";
	static const char *const words[] = {
		"<title>400 No required SSL certificate was sent</title>",
		"<center>No required SSL certificate was sent</center>",
		"<title>400 The SSL certificate error</title>",
		"<center>The SSL certificate error</center>",
	};
	size_t i;

	if (status == 495 || status == 496)
		return true;
	if (status != 400 || strncasecmp(content_type, html, sizeof html - 1) != 0)
		return false;
	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(body, words[i]) != NULL)
			return true;
	return false;
}

bool fr_http_wants_certificate(CURLcode code, const char *words, int status,
			       const char *content_type, const char *body)
{
	static const char *const alerts[] = {"alert certificate", "alert bad certificate",
					     "alert unknown ca", "alert unsupported certificate"};
	size_t i;

	if (status != 0)
		return is_refusal_page(status, content_type, body);
	if (code != CURLE_RECV_ERROR && code != CURLE_SEND_ERROR)
		return false;
	for (i = 0; i < sizeof alerts / sizeof *alerts; i++)
		if (strstr(words, alerts[i]) != NULL)
			return true;
	return false;
}

struct fr_http_outcome fr_http_outcome_of(const struct fr_http_facts *facts)
{
	bool is_tunnelled = facts->connect_status == 0 || facts->connect_status / 100 == 2;

	if (facts->wants_certificate)
		return (struct fr_http_outcome){FR_OUTCOME_TLS, 0, false};
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

/* Everything libcurl is told, in one place.
 *
 * What must never happen: a redirect that carries a key elsewhere, a .netrc that adds credentials,
 * a certificate that nobody checked, a signal, a wait for a resolver, an answer without bounds.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ship/http_parts.h"
#include "ship/http_trust.h"

enum {
	CONNECT_MOST_MS = 10000,
	BUFFER_BYTES = 16 * 1024, /* libcurl's own for each direction: the least it takes */
	IDLE_STEPS_MOST = 2 * FR_HEAD_MAX, /* of a proxy's answer that is read */
	STALLED_BYTES_PER_SECOND = 32,
	UPLOAD_BYTES_PER_MS = 4, /* the slowest line that still gets through: 4 KB/s */
};

static size_t on_head(char *data, size_t size, size_t count, void *context)
{
	struct http_exchange *exchange = context;

	return fr_http_answer_head(&exchange->answer, data, size * count) ? size * count : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
	struct http_exchange *exchange = context;

	return fr_http_answer_body(&exchange->answer, data, size * count) ? size * count : 0;
}

/* libcurl reads a proxy's answer to CONNECT byte by byte for as long as bytes come, without ever
 * going back to the loop; but it reports after each. */
static int on_step(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		   curl_off_t up)
{
	struct http_exchange *exchange = context;

	(void)down_total;
	(void)up_total;
	return down == 0 && up == 0 && ++exchange->idle_steps > IDLE_STEPS_MOST;
}

static bool easy_set_safety(CURL *easy)
{
	bool ok = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;

#if LIBCURL_VERSION_NUM >= 0x075500
	ok = ok && curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
	ok = ok && curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
				    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
	ok = ok && curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075700
	/* Removing a handle must not wait for a getaddrinfo that hangs. */
	ok = ok && curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
#endif
	/* Smaller buffers save memory where libcurl has them; what it does not know, it ignores. */
	(void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)BUFFER_BYTES);
	(void)curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)BUFFER_BYTES);
	return ok;
}

static bool easy_set_file(CURL *easy, CURLoption option, const char *path)
{
	return path[0] == '\0' || curl_easy_setopt(easy, option, path) == CURLE_OK;
}

static bool easy_set_trust(CURL *easy, const struct http_transport *transport)
{
	struct fr_http_trust trust = fr_http_trust_of(transport->settings, transport->env);
	bool ok = true;

	if (trust.origin == NULL)
		return true;
	ok = curl_easy_setopt(easy, CURLOPT_CAINFO, trust.file) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_CAPATH, trust.folder) == CURLE_OK;
	/* A proxy that is spoken to over TLS; a libcurl that knows none refuses to use one. */
	(void)curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, trust.file);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, trust.folder);
	return ok;
}

static bool easy_set_tls(CURL *easy, const struct http_transport *transport)
{
	const struct fr_sink_settings *settings = transport->settings;
	bool is_1_3 = strcmp(settings->tls_min_version, "1.3") == 0;
	long version = is_1_3 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2;
	bool ok = curl_easy_setopt(easy, CURLOPT_SSLVERSION, version) == CURLE_OK;

	ok = ok && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
	ok = ok && easy_set_trust(easy, transport);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A file of authorities that was mended counts at the next connection, not in a day. */
	ok = ok && curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L) == CURLE_OK;
#endif
	ok = ok && easy_set_file(easy, CURLOPT_SSLCERT, settings->cert_file);
	/* Without one, OpenSSL asks at the terminal for the password of an encrypted key. */
	ok = ok && curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "") == CURLE_OK;
	return ok && easy_set_file(easy, CURLOPT_SSLKEY, settings->key_file);
}

static bool easy_set_callbacks(CURL *easy)
{
	bool ok = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head) == CURLE_OK;

	ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_step) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK;
	return ok && curl_easy_setopt(easy, CURLOPT_USERAGENT, "flightrec/" FR_VERSION) == CURLE_OK;
}

CURL *fr_http_easy_new(const struct http_transport *transport, struct fr_error *err)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL) {
		(void)fr_fail(err, FR_NOMEM, "libcurl: %s", fr_status_text(FR_NOMEM));
		return NULL;
	}
	if (easy_set_safety(easy) && easy_set_tls(easy, transport) && easy_set_callbacks(easy))
		return easy;
	(void)fr_fail(err, FR_INVALID, "sink %s: libcurl %s refuses its settings",
		      transport->settings->name, curl_version_info(CURLVERSION_NOW)->version);
	curl_easy_cleanup(easy);
	return NULL;
}

/* A stalled exchange is given up after `timeout`; one that moves gets the time its body needs on a
 * slow line, else a large one could never be sent from there. */
static bool easy_set_times(CURL *easy, const struct http_exchange *exchange)
{
	int64_t timeout_ms = exchange->transport->settings->timeout_ms;
	int64_t most_ms = timeout_ms + (int64_t)exchange->body_length / UPLOAD_BYTES_PER_MS;
	int64_t connect_ms = timeout_ms < CONNECT_MOST_MS ? timeout_ms : CONNECT_MOST_MS;
	bool ok = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)most_ms) == CURLE_OK;

	ok = ok && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
				    (long)STALLED_BYTES_PER_SECOND) == CURLE_OK;
	return ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
				      (long)((timeout_ms + 999) / 1000)) == CURLE_OK;
}

static bool is_loopback(const char *host)
{
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

struct place {
	bool is_valid;
	bool is_plain;
	bool is_near; /* a loopback address */
};

static struct place url_look(const char *url)
{
	struct place place = {false, true, false};
	char *scheme = NULL, *host = NULL;
	CURLU *parts = curl_url();

	if (parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		place.is_valid = true;
		place.is_plain = strcasecmp(scheme, "https") != 0;
		place.is_near = is_loopback(host);
	}
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(parts);
	return place;
}

/* A proxy of the config is used for whatever the sink's URL is. Without one the environment's
 * counts, and its exceptions; but what is for this machine never goes through such a proxy. */
static bool easy_set_proxy(CURL *easy, const struct fr_sink_settings *settings, bool is_near)
{
	bool is_given = settings->proxy[0] != '\0';
	const char *proxy = is_given ? settings->proxy : is_near ? "" : NULL;

	return curl_easy_setopt(easy, CURLOPT_PROXY, proxy) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NOPROXY, is_given ? "" : NULL) == CURLE_OK;
}

static bool easy_set_request(struct http_exchange *exchange, const char *url)
{
	CURL *easy = exchange->easy;
	long version =
		exchange->transport->http1_only ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS;
	bool may_share = !exchange->is_plain && !exchange->transport->http1_only;
	bool ok = curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK;

	/* A libcurl without HTTP/2 refuses this and speaks HTTP/1.1. */
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version);
	/* Several at once share a connection where the server lets them; to know that, the later
	 * ones wait for the first one's handshake. Without TLS they would wait for its answer. */
	ok = ok && curl_easy_setopt(easy, CURLOPT_PIPEWAIT, may_share ? 1L : 0L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				    (curl_off_t)exchange->body_length) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_XFERINFODATA, exchange) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange) == CURLE_OK;
	return ok && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->words) == CURLE_OK;
}

enum fr_status fr_http_easy_prepare(struct http_exchange *exchange, const char *url,
				    struct fr_error *err)
{
	const struct fr_sink_settings *settings = exchange->transport->settings;
	struct place place = url_look(url);

	if (!place.is_valid)
		return fr_fail(err, FR_INVALID, "sink %s: the url is not one", settings->name);
	if (place.is_plain && !place.is_near && !settings->allow_plain_http)
		return fr_fail(err, FR_INVALID, "sink %s: plain http leaves this machine",
			       settings->name);
	exchange->is_plain = place.is_plain;
	if (!easy_set_request(exchange, url) || !easy_set_times(exchange->easy, exchange) ||
	    !easy_set_proxy(exchange->easy, settings, place.is_near))
		return fr_fail(err, FR_NOMEM, "libcurl: %s", fr_status_text(FR_NOMEM));
	return FR_OK;
}

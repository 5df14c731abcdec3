/* The secure half of a rogue server: OpenSSL, used as plainly as possible. */
#include "support/rogue.h"

#include <string.h>

static const unsigned char http2_then_http1[] = "\x02h2\x08http/1.1";
static const unsigned char http1_only[] = "\x08http/1.1";

/* The first of ours that the client offers, too. */
static int on_offer(SSL *tls, const unsigned char **out, unsigned char *out_length,
		    const unsigned char *offered, unsigned int offered_length, void *context)
{
	const bool *offers_http2 = context;
	const unsigned char *ours = *offers_http2 ? http2_then_http1 : http1_only;
	unsigned int length = *offers_http2 ? sizeof http2_then_http1 - 1 : sizeof http1_only - 1;
	unsigned char *chosen = NULL;

	(void)tls;
	if (SSL_select_next_proto(&chosen, out_length, ours, length, offered, offered_length) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

bool test_visit_is_http2(const struct test_visit *visit)
{
	const unsigned char *protocol = NULL;
	unsigned int length = 0;

	SSL_get0_alpn_selected(visit->tls, &protocol, &length);
	return length == 2 && memcmp(protocol, "h2", 2) == 0;
}

bool test_visit_secure(struct test_visit *visit, const char *pem_path, bool offers_http2)
{
	SSL_CTX *settings = SSL_CTX_new(TLS_server_method());
	SSL *tls;

	if (settings == NULL ||
	    SSL_CTX_use_certificate_file(settings, pem_path, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_PrivateKey_file(settings, pem_path, SSL_FILETYPE_PEM) != 1)
		return false;
	SSL_CTX_set_alpn_select_cb(settings, on_offer, &offers_http2);
	tls = SSL_new(settings);
	if (tls == NULL || SSL_set_fd(tls, visit->fd) != 1 || SSL_accept(tls) != 1)
		return false;
	visit->tls = tls;
	if (test_visit_is_http2(visit))
		atomic_fetch_add(&visit->tally->http2, 1);
	return true;
}

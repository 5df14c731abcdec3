/* The happy path: libcurl's own words, and behind them what to do about it, looked up by what it
 * says. A local file that does not serve is looked at anew, since libcurl names neither the file
 * nor the key of the config.
 */
#include "ship/http_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { PEM_LINE = 256 };

/* What to do, by a piece of libcurl's or OpenSSL's words; the first that is found counts. OpenSSL
 * wrote "self signed" until 3.0. */
static const struct {
	const char *piece;
	const char *advice;
} advices[] = {
	{"certificate has expired", "the server's certificate must be renewed; or is this "
				    "machine's clock wrong?"},
	{"not yet valid", "is this machine's clock right?"},
	{"alert certificate expired", "the client certificate in tls.cert_file must be renewed"},
	{"alert certificate required", "the server wants a client certificate: set tls.cert_file"},
	{"alert bad certificate", "the server refuses the client certificate in tls.cert_file"},
	{"alert unknown ca", "the server refuses the client certificate in tls.cert_file"},
	{"alert certificate", "the server refuses the client certificate in tls.cert_file"},
	{"alternative certificate subject name", "the certificate is for another host than the "
						 "url's"},
	{"does not match target host name", "the certificate is for another host than the url's"},
	{"unsupported protocol", "the server speaks only TLS versions older than tls.min_version"},
	{"alert protocol version", "the server speaks only TLS versions older than "
				   "tls.min_version"},
	{"wrong version number", "is this a port for https?"},
	{"packet length too long", "is this a port for https?"},
	{"key too weak", "the server needs a certificate with a stronger key"},
	{"md too weak", "the server needs a certificate with a stronger signature"},
};

/* libcurl quotes a proxy that it does not understand whole, with its password. */
static const char unclear_proxy[] = "Unsupported proxy";

/* Everything between "://" and the last '@' behind it becomes "***". */
static void userinfo_hide(char *text)
{
	char *from = strstr(text, "://");
	char *at = from != NULL ? strrchr(from, '@') : NULL;

	if (at == NULL)
		return;
	from += 3;
	if (at - from < 3)
		return; /* shorter than its mask: not even a user */
	memcpy(from, "***", 3);
	memmove(from + 3, at, strlen(at) + 1);
}

static void tell(char out[FR_OUTCOME_TEXT], const char *text, const char *advice)
{
	/* What to do is worth more than how a long message ends. */
	int room = FR_OUTCOME_TEXT - 3 - (int)strlen(advice);

	(void)snprintf(out, FR_OUTCOME_TEXT, "%.*s%s%s", room, text, advice[0] != '\0' ? "; " : "",
		       advice);
	userinfo_hide(out);
}

/* ---- files of this machine ---- */

enum pem_state { PEM_FINE, PEM_UNREADABLE, PEM_ENCRYPTED };

/* Both forms of an encrypted key say so in a line of their own. */
static enum pem_state pem_look(const char *path)
{
	enum pem_state state = PEM_FINE;
	char line[PEM_LINE];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return PEM_UNREADABLE;
	while (state == PEM_FINE && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "-----BEGIN ENCRYPTED PRIVATE KEY", 32) == 0 ||
		    (strncmp(line, "Proc-Type:", 10) == 0 && strstr(line, "ENCRYPTED") != NULL))
			state = PEM_ENCRYPTED;
	(void)fclose(file);
	return state;
}

static bool tell_of_file(char out[FR_OUTCOME_TEXT], const char *key, const char *path)
{
	enum pem_state state = path[0] != '\0' ? pem_look(path) : PEM_FINE;

	if (state == PEM_UNREADABLE)
		(void)snprintf(out, FR_OUTCOME_TEXT, "%s: cannot read %.150s: %s", key, path,
			       strerror(errno));
	if (state == PEM_ENCRYPTED)
		(void)snprintf(out, FR_OUTCOME_TEXT,
			       "%s: the key in %.110s is encrypted, and nobody is there to ask for "
			       "its password; `openssl pkey -in` writes it without one",
			       key, path);
	return state != PEM_FINE;
}

static void tell_of_client_files(char out[FR_OUTCOME_TEXT], const struct fr_sink_settings *settings)
{
	const char *key_path =
		settings->key_file[0] != '\0' ? settings->key_file : settings->cert_file;

	if (tell_of_file(out, "tls.cert_file", settings->cert_file) ||
	    tell_of_file(out, "tls.key_file", settings->key_file))
		return;
	(void)snprintf(out, FR_OUTCOME_TEXT,
		       "tls.cert_file: %.90s has no certificate in PEM form, or %.90s not its key",
		       settings->cert_file, key_path);
}

static void tell_of_authorities(char out[FR_OUTCOME_TEXT], const struct fr_http_trust *trust)
{
	const char *path = trust->file != NULL ? trust->file : trust->folder;

	if (path == NULL) {
		(void)snprintf(out, FR_OUTCOME_TEXT,
			       "this system's own authorities cannot be read; name a file of them "
			       "in tls.ca_file");
		return;
	}
	if (!tell_of_file(out, trust->origin, path))
		(void)snprintf(out, FR_OUTCOME_TEXT, "%s: there is no certificate in %.150s",
			       trust->origin, path);
}

/* ---- the rest ---- */

/* Nobody vouches for the server: what was trusted, and how to trust more. */
static bool tell_of_stranger(const struct fr_http_trouble *trouble, char out[FR_OUTCOME_TEXT])
{
	static const char *const pieces[] = {"self-signed", "self signed", "local issuer",
					     "issuer certificate", "unable to verify"};
	const struct fr_http_trust *trust = &trouble->trust;
	char advice[FR_OUTCOME_TEXT] = "if it is your own, name its authority in tls.ca_file";
	bool is_found = false;
	size_t i;

	for (i = 0; i < sizeof pieces / sizeof *pieces; i++)
		is_found = is_found || strstr(trouble->text, pieces[i]) != NULL;
	if (!is_found)
		return false;
	if (trust->origin != NULL)
		(void)snprintf(advice, sizeof advice, "trusted is only what %s names: %.100s",
			       trust->origin, trust->file != NULL ? trust->file : trust->folder);
	tell(out, trouble->text, advice);
	return true;
}

/* The proxy would not let us through. */
static bool tell_of_tunnel(const struct fr_http_trouble *trouble, char out[FR_OUTCOME_TEXT])
{
	int status = trouble->connect_status;

	if (status == 0 || status / 100 == 2)
		return false;
	(void)snprintf(out, FR_OUTCOME_TEXT, "the proxy answers HTTP %d and opens no tunnel%s",
		       status, status == 403 ? ": its rules forbid this host or port" : "");
	return true;
}

void fr_http_words(const struct fr_http_trouble *trouble, char out[FR_OUTCOME_TEXT])
{
	const char *text =
		trouble->text[0] != '\0' ? trouble->text : curl_easy_strerror(trouble->code);
	const char *advice = "";
	size_t i;

	if (trouble->wants_certificate) {
		tell(out, "the server answers that it wants another client certificate",
		     trouble->settings->cert_file[0] != '\0' ? "it refuses the one in tls.cert_file"
							     : "set tls.cert_file");
		return;
	}
	if (strncmp(text, unclear_proxy, sizeof unclear_proxy - 1) == 0) {
		tell(out, "the proxy's URL is none that is understood", "see proxy, https_proxy");
		return;
	}
	if (trouble->code == CURLE_SSL_CERTPROBLEM) {
		tell_of_client_files(out, trouble->settings);
		return;
	}
	if (trouble->code == CURLE_SSL_CACERT_BADFILE) {
		tell_of_authorities(out, &trouble->trust);
		return;
	}
	if (tell_of_tunnel(trouble, out) || tell_of_stranger(trouble, out))
		return;
	for (i = 0; i < sizeof advices / sizeof *advices && advice[0] == '\0'; i++)
		if (strstr(text, advices[i].piece) != NULL)
			advice = advices[i].advice;
	tell(out, text, advice);
}

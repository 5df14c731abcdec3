/* The happy path: scheme "://" host [":" port] and then a path, a query, or nothing. Each piece
 * moves the cursor behind itself; the first that is wrong ends the reading with its phrase.
 */
#include "config/url.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 4096 };

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char host_letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

static const char *scheme_take(const char **at, struct fr_url *out)
{
	const char *colon = strstr(*at, "://");
	size_t length, i;

	if (colon == NULL || colon == *at)
		return "does not begin with a scheme like https://";
	length = (size_t)(colon - *at);
	if (length >= sizeof out->scheme ||
	    strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") < length)
		return "does not begin with a scheme like https://";
	for (i = 0; i < length; i++) {
		char c = (*at)[i];

		out->scheme[i] = strchr(letters, c) != NULL ? (char)(c | 0x20) : c;
	}
	out->scheme[length] = '\0';
	*at = colon + 3;
	return NULL;
}

/* The address in brackets that *at stands on. */
static const char *ipv6_take(const char **at, struct fr_url *out)
{
	const char *close = strchr(*at, ']');
	struct in6_addr address;
	size_t length;

	if (close == NULL)
		return "has a '[' without its ']'";
	length = (size_t)(close - *at) - 1;
	if (length > FR_URL_HOST_MAX)
		return "has a host that is too long";
	memcpy(out->host, *at + 1, length);
	out->host[length] = '\0';
	if (inet_pton(AF_INET6, out->host, &address) != 1)
		return "has brackets around what is not an IPv6 address";
	out->is_ipv6 = true;
	*at = close + 1;
	return NULL;
}

static const char *host_take(const char **at, struct fr_url *out)
{
	size_t length = strspn(*at, host_letters);

	if (**at == '[')
		return ipv6_take(at, out);
	if (length == 0)
		return "has no host";
	if (length > FR_URL_HOST_MAX)
		return "has a host that is too long";
	memcpy(out->host, *at, length);
	out->host[length] = '\0';
	*at += length;
	return NULL;
}

static const char *port_take(const char **at, struct fr_url *out)
{
	unsigned port = 0;

	if (**at != ':')
		return NULL;
	for ((*at)++; **at >= '0' && **at <= '9' && port <= 65535; (*at)++)
		port = port * 10 + (unsigned)(**at - '0');
	if (port < 1 || port > 65535)
		return "has a port that is not 1 to 65535";
	out->port = port;
	return NULL;
}

/* What a URL may not hold anywhere: what would have to be written as %XX, and a fragment. */
static const char *letters_fault(const char *text)
{
	const unsigned char *c;

	for (c = (const unsigned char *)text; *c != '\0'; c++) {
		if (*c <= 0x20 || *c >= 0x7f || strchr("\"<>\\^`{|}", *c) != NULL)
			return "has a character that must be written as %XX";
		if (*c == '#')
			return "has a '#', which is never sent";
	}
	return NULL;
}

static const char *authority_fault(const char *at)
{
	size_t length = strcspn(at, "/?");

	return memchr(at, '@', length) != NULL ? "has a user or a password in it" : NULL;
}

const char *fr_url_parse(const char *text, struct fr_url *out)
{
	const char *at = text;
	const char *wrong;

	*out = (struct fr_url){0};
	wrong = letters_fault(text);
	if (wrong == NULL)
		wrong = scheme_take(&at, out);
	if (wrong == NULL)
		wrong = authority_fault(at);
	if (wrong == NULL)
		wrong = host_take(&at, out);
	if (wrong == NULL)
		wrong = port_take(&at, out);
	if (wrong == NULL && *at != '\0' && *at != '/' && *at != '?')
		wrong = "has a host or a port that is none";
	return wrong;
}

/* A copy without what stands before the '@' that ends it: the last one before the path. */
static const char *userinfo_drop(const char *text, char out[URL_MAX])
{
	const char *from = strstr(text, "://");
	const char *host;
	size_t length;

	if (strlen(text) >= URL_MAX)
		return "is too long";
	memcpy(out, text, strlen(text) + 1);
	if (from == NULL)
		return NULL;
	from += 3;
	length = strcspn(from, "/?");
	for (host = from + length; host > from && host[-1] != '@'; host--)
		;
	memcpy(out + (from - text), host, strlen(host) + 1);
	return NULL;
}

const char *fr_url_parse_proxy(const char *text, struct fr_url *out)
{
	static const char *const schemes[] = {"http",   "https",   "socks4", "socks4a",
					      "socks5", "socks5h", NULL};
	const char *wrong = letters_fault(text);
	char bare[URL_MAX];
	size_t i;

	*out = (struct fr_url){0};
	if (wrong == NULL)
		wrong = userinfo_drop(text, bare);
	if (wrong == NULL)
		wrong = fr_url_parse(bare, out);
	for (i = 0; wrong == NULL && schemes[i] != NULL; i++)
		if (strcmp(schemes[i], out->scheme) == 0)
			return NULL;
	return wrong != NULL ? wrong
			     : "is no kind of proxy (http, https, socks4, socks4a, socks5, "
			       "socks5h)";
}

bool fr_url_is_loopback(const struct fr_url *url)
{
	struct in_addr ipv4;
	struct in6_addr ipv6;

	if (url->is_ipv6)
		return inet_pton(AF_INET6, url->host, &ipv6) == 1 && IN6_IS_ADDR_LOOPBACK(&ipv6);
	if (strcasecmp(url->host, "localhost") == 0)
		return true;
	return inet_pton(AF_INET, url->host, &ipv4) == 1 && ntohl(ipv4.s_addr) >> 24 == 127;
}

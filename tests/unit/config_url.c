/* URLs: what is one, and which lead to this machine. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "config/url.h"

static void the_pieces_of_a_url_come_apart(void **state)
{
	struct fr_url url;

	(void)state;
	assert_null(fr_url_parse("HTTPS://Telemetry.Example.com:8443/v1/events?x=[1]&y=a@b", &url));
	assert_string_equal(url.scheme, "https");
	assert_string_equal(url.host, "Telemetry.Example.com");
	assert_int_equal(url.port, 8443);
	assert_false(url.is_ipv6);
	assert_null(fr_url_parse("http://[2001:db8::1]", &url));
	assert_string_equal(url.host, "2001:db8::1");
	assert_true(url.is_ipv6);
	assert_int_equal(url.port, 0);
	assert_null(fr_url_parse("socks5h://proxy:65535", &url));
	assert_string_equal(url.scheme, "socks5h");
	assert_int_equal(url.port, 65535);
	assert_null(fr_url_parse("https://x?y", &url));
}

static void what_is_no_url_is_told_why(void **state)
{
	static const struct {
		const char *text;
		const char *wrong;
	} bad[] = {
		{"", "does not begin with a scheme like https://"},
		{"x", "does not begin with a scheme like https://"},
		{"://x", "does not begin with a scheme like https://"},
		{"ht+tp://x", "does not begin with a scheme like https://"},
		{"aaaaaaaaaaaaaaaaaaaaaaaa://x", "does not begin with a scheme like https://"},
		{"https:x", "does not begin with a scheme like https://"},
		{"https:///path", "has no host"},
		{"https://?q", "has no host"},
		{"https://:80", "has no host"},
		{"https://a@b", "has a user or a password in it"},
		{"https://a:b@c/", "has a user or a password in it"},
		{"https://x:", "has a port that is not 1 to 65535"},
		{"https://x:0", "has a port that is not 1 to 65535"},
		{"https://x:65536", "has a port that is not 1 to 65535"},
		{"https://x:99999999999999999999", "has a port that is not 1 to 65535"},
		{"https://x:80a", "has a host or a port that is none"},
		{"https://x%2e", "has a host or a port that is none"},
		{"https://[::1", "has a '[' without its ']'"},
		{"https://[::1]x", "has a host or a port that is none"},
		{"https://[x]", "has brackets around what is not an IPv6 address"},
		{"https://[fe80::1%25eth0]", "has brackets around what is not an IPv6 address"},
		{"https://x/#f", "has a '#', which is never sent"},
		{"https://x\\y", "has a character that must be written as %XX"},
		{"https://x/ y", "has a character that must be written as %XX"},
		{"https://caf\xc3\xa9/", "has a character that must be written as %XX"},
	};
	struct fr_url url;
	char host[300];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *wrong = fr_url_parse(bad[i].text, &url);

		if (wrong == NULL)
			fail_msg("accepted: %s", bad[i].text);
		assert_string_equal(wrong, bad[i].wrong);
	}
	memset(host, 'h', sizeof host - 1);
	memcpy(host, "https://", 8);
	host[sizeof host - 1] = '\0';
	assert_string_equal(fr_url_parse(host, &url), "has a host that is too long");
	host[8 + FR_URL_HOST_MAX] = '\0';
	assert_null(fr_url_parse(host, &url));
}

static void only_sure_loopback_is_loopback(void **state)
{
	static const char *const here[] = {"http://localhost", "http://LocalHost:1",
					   "http://127.0.0.1", "http://127.255.255.255",
					   "http://[::1]",     "http://[0:0:0:0:0:0:0:1]"};
	static const char *const elsewhere[] = {
		"http://localhost.evil.example",
		"http://127.0.0.1.evil.example",
		"http://127.1",
		"http://0x7f.0.0.1",
		"http://2130706433",
		"http://0.0.0.0",
		"http://128.0.0.1",
		"http://[::]",
		"http://[::ffff:127.0.0.1]",
		"http://localhost.",
		"http://10.0.0.1",
		"http://xn--localhost",
	};
	struct fr_url url;

	(void)state;
	for (size_t i = 0; i < sizeof here / sizeof *here; i++) {
		assert_null(fr_url_parse(here[i], &url));
		assert_true(fr_url_is_loopback(&url));
	}
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++) {
		assert_null(fr_url_parse(elsewhere[i], &url));
		assert_false(fr_url_is_loopback(&url));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pieces_of_a_url_come_apart),
		cmocka_unit_test(what_is_no_url_is_told_why),
		cmocka_unit_test(only_sure_loopback_is_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is wrong with a sink: its type, its keys, where it leads, what it would give away. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "unit/config_fixture.h"

static void a_sink_needs_a_name_of_its_own_and_a_known_type(void **state)
{
	(void)state;
	config_refuses_sink("\"type\": \"file\"", "1: sinks[0]: \"name\" is missing");
	config_refuses_sink("\"name\": \"a\"", "1: sinks[0]: \"type\" is missing");
	config_refuses_sink("\"name\": \"a b\"", "2: sinks[0].name: \"a b\" is not a name (write "
						 "letters, digits, _ . -)");
	config_refuses_sink("\"name\": \"a\", \"type\": \"splunk\"",
			    "2: sinks[0].type: unknown type \"splunk\" (there are datadog, "
			    "first_party, otlp, clickhouse, file, ndjson)");
	config_refuses_sink("\"name\": \"a\", \"type\": \"first-party\"",
			    "2: sinks[0].type: unknown type \"first-party\"; did you mean "
			    "\"first_party\"?");
	config_refuses("{\"sinks\": [\n{\"name\": \"a\", \"type\": \"file\", \"path\": \"a\"},\n"
		       "{\"type\": \"file\",\n\"name\": \"a\", \"path\": \"b\"}]}",
		       "/h/app.json:4: sinks[1].name: \"a\" is the name of the sink in line 2 "
		       "already");
}

static void a_sink_takes_only_what_its_type_has_a_use_for(void **state)
{
	(void)state;
	config_refuses_sink("\"name\": \"a\", \"type\": \"datadog\", \"site\": \"datadoghq.eu\"",
			    "1: sinks[0]: \"api_key\" is missing: a \"datadog\" sink needs it");
	config_refuses_sink("\"name\": \"a\", \"type\": \"file\"",
			    "1: sinks[0]: \"path\" is missing: a \"file\" sink needs it");
	config_refuses_sink("\"name\": \"a\", \"type\": \"file\", \"path\": \"a\",\n"
			    "\"url\": \"https://x\"",
			    "3: sinks[0].url: is not for a \"file\" sink");
	config_refuses_sink("\"name\": \"a\", \"type\": \"file\", \"path\": \"a\",\n\"tls\": {}",
			    "3: sinks[0].tls: is not for a \"file\" sink");
	config_refuses_sink("\"name\": \"a\", \"type\": \"first_party\", \"url\": \"https://x\",\n"
			    "\"api_key\": \"env:A\"",
			    "3: sinks[0].api_key: is not for a \"first_party\" sink");
	config_refuses_sink("\"name\": \"a\", \"type\": \"first_party\", \"url\": \"https://x\",\n"
			    "\"table\": \"t\"",
			    "3: sinks[0].table: is not for a \"first_party\" sink");
}

static void a_sinks_limits_fit_its_type_and_each_other(void **state)
{
	static const char datadog[] = "\"name\": \"a\", \"type\": \"datadog\", \"site\": "
				      "\"datadoghq.eu\", \"api_key\": \"env:A\",\n";
	static const char plain[] =
		"\"name\": \"a\", \"type\": \"first_party\", \"url\": \"https://x\",\n";
	char inside[512];

	(void)state;
	(void)snprintf(inside, sizeof inside, "%s\"batch\": {\"max_events\": 1001}", datadog);
	config_refuses_sink(inside, "3: sinks[0].batch.max_events: \"datadog\" takes at most 1000");
	(void)snprintf(inside, sizeof inside, "%s\"batch\": {\"max_bytes\": \"5MiB\"}", datadog);
	config_refuses_sink(inside,
			    "3: sinks[0].batch.max_bytes: \"datadog\" takes at most 4250000 bytes");
	(void)snprintf(inside, sizeof inside, "%s\"retry\": {\"initial\": \"10m\"}", plain);
	config_refuses_sink(inside, "3: sinks[0].retry.initial: retry.initial, 10m, is longer than "
				    "retry.max, 5m");
	(void)snprintf(inside, sizeof inside,
		       "%s\"retry\": {\"max\": \"1s\",\n\"initial\": \"2s\"}", plain);
	config_refuses_sink(inside, "4: sinks[0].retry.initial: retry.initial, 2s, is longer than "
				    "retry.max, 1s");
	(void)snprintf(inside, sizeof inside, "%s\"tls\": {\"key_file\": \"k\"}", plain);
	config_refuses_sink(inside, "3: sinks[0].tls.key_file: needs \"cert_file\" beside it");
}

static void event_lists_hold_names_and_globs(void **state)
{
	static const char *const bad[] = {"\"tool use\"", "\"\"",    "\"1st\"", "\"a/b\"",
					  "17",           "[\"a\"]", "\"_a\"",  "\"a\\u0000\""};
	static const char *const shown[] = {"\"tool use\"", "\"\"",   "\"1st\"", "\"a/b\"",
					    "17",           "a list", "\"_a\"",  "\"a?\""};
	char inside[256], message[512];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		(void)snprintf(inside, sizeof inside, "\"events\": [\"a*\", \"?x.y:z-1_*\",\n%s]",
			       bad[i]);
		(void)snprintf(message, sizeof message,
			       "3: sinks[0].events[2]: %s is neither the name of an event nor a "
			       "glob (a letter first, then letters, digits, _ . : - and for globs "
			       "* ?)",
			       shown[i]);
		config_refuses_sink(inside, message);
	}
}

static void headers_that_would_break_a_request_are_refused(void **state)
{
	char inside[2048], long_name[102];
	size_t at;

	(void)state;
	config_refuses_sink("\"headers\": {\"X A\": \"1\"}",
			    "2: sinks[0].headers.X A: this cannot be the name of a header");
	config_refuses_sink("\"headers\": {\"\": \"1\"}",
			    "2: sinks[0].headers.: this cannot be the name of a header");
	config_refuses_sink("\"headers\": {\"X-A\": \"a\\r\\nX-B: b\"}",
			    "2: sinks[0].headers.X-A: has control characters in it");
	config_refuses_sink("\"headers\": {\"X-A\": \"\"}", "2: sinks[0].headers.X-A: is empty");
	config_refuses_sink("\"headers\": {\"content-length\": \"1\"}",
			    "2: sinks[0].headers.content-length: this header is Flightrec's own to "
			    "set");
	config_refuses_sink("\"headers\": [\"a\"]",
			    "2: sinks[0].headers: a list is not an object of headers (write "
			    "{\"Authorization\": \"env:TOKEN\"})");
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	(void)snprintf(inside, sizeof inside, "\"headers\": {\"%s\": \"1\"}", long_name);
	config_refuses_sink(inside, "2: sinks[0].headers.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				    "xxxxxxxxxxxxxxxxxxxx...: is longer than 100 bytes");
	at = (size_t)snprintf(inside, sizeof inside, "\"headers\": {\"X-0\": \"0\"");
	for (int i = 1; i <= FR_SINK_HEADERS; i++)
		at += (size_t)snprintf(inside + at, sizeof inside - at, ", \"X-%d\": \"0\"", i);
	(void)snprintf(inside + at, sizeof inside - at, "}");
	config_refuses_sink(inside, "2: sinks[0].headers.X-24: more than 24 headers");
}

static void a_secret_is_never_repeated_in_a_message(void **state)
{
	(void)state;
	config_refuses_sink("\"api_key\": 12345678",
			    "2: sinks[0].api_key: this is not a secret (write \"env:NAME\", "
			    "\"file:PATH\")");
	config_refuses_sink("\"api_key\": \"env:hunter 2\"",
			    "2: sinks[0].api_key: this is not a secret (write \"env:NAME\", "
			    "\"file:PATH\")");
	config_refuses_sink("\"api_key\": \"env:\"",
			    "2: sinks[0].api_key: this is not a secret (write \"env:NAME\", "
			    "\"file:PATH\")");
	config_refuses_sink("\"headers\": {\"Authorization\": 12345}",
			    "2: sinks[0].headers.Authorization: this is not a secret (write "
			    "\"env:NAME\", \"file:PATH\")");
	config_refuses_sink("\"headers\": \"hunter2\"",
			    "2: sinks[0].headers: this is not an object of headers (write "
			    "{\"Authorization\": \"env:TOKEN\"})");
	config_refuses_sink("\"name\": \"a\", \"type\": \"first_party\",\n"
			    "\"url\": \"https://me:hunter2@x/\"",
			    "3: sinks[0].url: the URL has a user or a password in it");
	config_refuses_sink("\"name\": \"a\", \"type\": \"first_party\", \"url\": \"https://x\",\n"
			    "\"proxy\": \"http://me:hunter2@proxy:3128\"",
			    "3: sinks[0].proxy: has a user or a password in it (such a URL must "
			    "come from env: or file:)");
}

static void urls_are_https_but_on_this_machine(void **state)
{
	static const char sink[] = "\"name\": \"a\", \"type\": \"first_party\",\n\"url\": ";
	static const struct {
		const char *url;
		const char *wrong;
	} bad[] = {
		{"http://far.example.com/v1",
		 "plain http to another machine, far.example.com: use https, or say "
		 "\"allow_plain_http\": true"},
		{"http://127.0.0.1.evil.example/",
		 "plain http to another machine, 127.0.0.1.evil.example: use https, or say "
		 "\"allow_plain_http\": true"},
		{"http://localhost.example.com/",
		 "plain http to another machine, localhost.example.com: use https, or say "
		 "\"allow_plain_http\": true"},
		{"ftp://x/", "\"ftp\" is not spoken here: use https"},
		{"telemetry.example.com", "the URL does not begin with a scheme like https://"},
		{"https://", "the URL has no host"},
		{"https://x:0/", "the URL has a port that is not 1 to 65535"},
		{"https://x/a b", "the URL has a character that must be written as %XX"},
	};
	char inside[512], message[512];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		(void)snprintf(inside, sizeof inside, "%s\"%s\"", sink, bad[i].url);
		(void)snprintf(message, sizeof message, "3: sinks[0].url: %s", bad[i].wrong);
		config_refuses_sink(inside, message);
	}
	config_refuses_sink("\"name\": \"a\", \"type\": \"first_party\"",
			    "1: sinks[0]: sink a: no url");
	config_refuses_sink("\"name\": \"a\", \"type\": \"datadog\", \"api_key\": \"env:A\"",
			    "1: sinks[0]: sink a: neither site nor url");
	config_refuses_sink("\"name\": \"a\", \"type\": \"first_party\", \"url\": \"https://x\",\n"
			    "\"proxy\": \"ftp://proxy\"",
			    "3: sinks[0].proxy: \"ftp\" is no kind of proxy (http, https, socks4, "
			    "socks4a, socks5, socks5h)");
}

static void plain_http_is_accepted_at_home_or_when_asked_for(void **state)
{
	static const char *const accepted[] = {
		"\"http://127.0.0.1:8080/x\"",
		"\"http://127.9.9.9\"",
		"\"http://[::1]:4318\"",
		"\"http://LOCALHOST/\"",
		"\"http://far.example.com/\", \"allow_plain_http\": true",
		"\"HTTPS://far.example.com/\"",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
		(void)snprintf(text, sizeof text,
			       "{\"sinks\":[{\"name\":\"a\",\"type\":\"first_party\",\"url\":%s}]}",
			       accepted[i]);
		fr_config_free(config_of(text, FR_CONFIG_STRICT));
	}
}

static void a_file_sink_keeps_off_the_homes_own_files(void **state)
{
	static const char *const own[] = {"queue.db",   "queue.db-wal", "queue.lock", "identity",
					  "/h/ballast", "consent.json", "agent.sock"};
	static const char *const detours[] = {"../x", "./x", "a//b", "a/../queue.db", "a/", "/.."};
	char inside[256];

	(void)state;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		(void)snprintf(inside, sizeof inside,
			       "\"name\": \"a\", \"type\": \"file\",\n\"path\": \"%s\"", own[i]);
		config_refuses_sink(inside,
				    "3: sinks[0].path: this is one of Flightrec's own files");
	}
	for (size_t i = 0; i < sizeof detours / sizeof *detours; i++) {
		(void)snprintf(inside, sizeof inside,
			       "\"name\": \"a\", \"type\": \"file\",\n\"path\": \"%s\"",
			       detours[i]);
		config_refuses_sink(inside, "3: sinks[0].path: a file's path has no \"..\", \".\" "
					    "or \"//\" in it");
	}
	config_refuses("{\"sinks\": [{\"name\": \"a\", \"type\": \"file\", \"path\": \"x\"},\n"
		       "{\"name\": \"b\", \"type\": \"file\", \"path\": \"/h/x\"}]}",
		       "/h/app.json:2: sinks[1].path: the sink \"a\" writes to it already");
}

static void more_sinks_than_anybody_needs_are_refused(void **state)
{
	char text[8192];
	size_t at = (size_t)snprintf(text, sizeof text, "{\"sinks\": [");

	(void)state;
	for (int i = 0; i <= 64; i++)
		at += (size_t)snprintf(text + at, sizeof text - at,
				       "%s{\"name\":\"s%d\",\"type\":\"file\",\"path\":\"p%d\"}",
				       i > 0 ? ",\n" : "", i, i);
	(void)snprintf(text + at, sizeof text - at, "]}");
	config_refuses(text, "/h/app.json:65: sinks: more than 64 sinks");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sink_needs_a_name_of_its_own_and_a_known_type),
		cmocka_unit_test(a_sink_takes_only_what_its_type_has_a_use_for),
		cmocka_unit_test(a_sinks_limits_fit_its_type_and_each_other),
		cmocka_unit_test(event_lists_hold_names_and_globs),
		cmocka_unit_test(headers_that_would_break_a_request_are_refused),
		cmocka_unit_test(a_secret_is_never_repeated_in_a_message),
		cmocka_unit_test(urls_are_https_but_on_this_machine),
		cmocka_unit_test(plain_http_is_accepted_at_home_or_when_asked_for),
		cmocka_unit_test(a_file_sink_keeps_off_the_homes_own_files),
		cmocka_unit_test(more_sinks_than_anybody_needs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

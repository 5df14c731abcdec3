/* The way through a proxy: squid, with a user and a password, to nginx over TLS and to the intake
 * over plain http. What nobody may ever read anywhere is the password. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "secure_fixture.h"
#include "support/squid.h"

/* A name that only the proxy knows: whoever gets there went through it. */
#define FAR_HOST "telemetry.example"
#define USER     "mole"
#define PASSWORD "hunter2secret"

static struct test_squid squid;

static int squid_begin(void **state)
{
	(void)state;
	squid = (struct test_squid){.user = USER, .password = PASSWORD, .host = FAR_HOST};
	if (test_squid_is_there())
		test_squid_start(&squid);
	return 0;
}

static int squid_end(void **state)
{
	(void)state;
	test_squid_free(&squid);
	return 0;
}

#define SKIP_WITHOUT_SQUID()                                       \
	do {                                                       \
		if (!test_squid_is_there()) {                      \
			print_message("squid is not installed\n"); \
			skip();                                    \
		}                                                  \
	} while (0)

/* Neither the config that is written nor status nor the log holds the password. */
static void password_is_nowhere(const struct secure_fixture *fixture)
{
	secure_status_lacks(fixture, PASSWORD);
	assert_null(strstr(test_process_errors(fixture->agent->agent), PASSWORD));
	assert_null(strstr(test_process_errors(fixture->agent->agent), "Proxy-Authorization"));
	assert_int_equal(agent_ask_queue(fixture->agent,
					 "SELECT count(*) FROM sink WHERE reason LIKE '%" PASSWORD
					 "%'"),
			 0);
}

static void password_write(const struct secure_fixture *fixture, const char *password)
{
	char text[256];

	(void)snprintf(text, sizeof text, "http://%s:%s@127.0.0.1:%d\n", USER, password,
		       squid.server.port);
	test_folder_write(&fixture->agent->folder, "proxy", text);
}

/* nginx by a name that only the proxy knows. */
static void configure_far(struct secure_fixture *fixture, const char *proxy)
{
	char more[512];

	test_certificate_write(&fixture->agent->folder, "server.pem", fixture->authority,
			       &(struct test_certificate){.names = "DNS:" FAR_HOST});
	if (fixture->nginx.server.process == NULL)
		test_nginx_start(&fixture->nginx);
	(void)snprintf(more, sizeof more, "\"tls\":{\"ca_file\":\"FOLDER/ca.pem\"}%s%s",
		       proxy[0] != '\0' ? ",\"proxy\":" : "", proxy);
	secure_configure(fixture, FAR_HOST, fixture->nginx.server.port, more);
}

static void reload(const struct secure_fixture *fixture)
{
	assert_true(agent_says(fixture->agent, "POST", "/reload", 200, "\"reloaded\":true"));
}

/* ---- through squid ---- */

static void a_tunnel_with_a_password_leads_to_the_server(void **state)
{
	struct secure_fixture *fixture = *state;
	int tunnels = test_squid_count(&squid, "CONNECT " FAR_HOST);

	SKIP_WITHOUT_SQUID();
	SKIP_WITHOUT_NGINX();
	password_write(fixture, PASSWORD);
	configure_far(fixture, "\"file:FOLDER/proxy\"");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 500);
	secure_await_delivery(fixture, 500);
	assert_in_range(test_nginx_count(&fixture->nginx, ""), 5, 100);
	password_is_nowhere(fixture);
	assert_int_equal(agent_stop(fixture->agent), 0); /* squid notes a tunnel when it ends */
	for (int i = 0; test_squid_count(&squid, "CONNECT " FAR_HOST) == tunnels; i++) {
		assert_in_range(i, 0, TEST_PATIENCE_MS / 10);
		test_sleep_ms(10);
	}
}

/* All of https_proxy's own: no key in the config, and no loopback that would be spared. */
static void the_environments_proxy_leads_there_as_well(void **state)
{
	struct secure_fixture *fixture = *state;
	char variable[256];

	SKIP_WITHOUT_SQUID();
	SKIP_WITHOUT_NGINX();
	(void)snprintf(variable, sizeof variable, "https_proxy=http://%s:%s@127.0.0.1:%d", USER,
		       PASSWORD, squid.server.port);
	fixture->agent->variable = variable;
	configure_far(fixture, "");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_delivery(fixture, 3);
	password_is_nowhere(fixture);
}

static void plain_http_goes_through_it_too(void **state)
{
	struct secure_fixture *fixture = *state;
	char json[TEST_PATH_MAX + 512];

	SKIP_WITHOUT_SQUID();
	password_write(fixture, PASSWORD);
	(void)snprintf(json, sizeof json,
		       "{\"sinks\":[{\"name\":\"main\",\"type\":\"first_party\",\"url\":"
		       "\"http://" FAR_HOST ":PORT/v1/events\",\"allow_plain_http\":true,"
		       "\"events\":[\"*\"],\"batch\":{\"max_wait\":\"0s\"},"
		       "\"proxy\":\"file:%s/proxy\"}]}",
		       fixture->agent->folder.path);
	agent_configure(fixture->agent, json);
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_delivery(fixture, 3);
	assert_in_range(test_squid_count(&squid, "POST http://" FAR_HOST), 1, 100);
	password_is_nowhere(fixture);
}

static void a_wrong_password_pauses_and_the_right_one_delivers(void **state)
{
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_SQUID();
	SKIP_WITHOUT_NGINX();
	password_write(fixture, "wrong" PASSWORD);
	configure_far(fixture, "\"file:FOLDER/proxy\"");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_status(fixture, "\"kind\":\"proxy\"");
	secure_await_status(fixture, "HTTP 407");
	secure_await_status(fixture, "\"state\":\"paused\"");
	secure_nothing_left(fixture, 3);
	password_is_nowhere(fixture);
	password_write(fixture, PASSWORD);
	reload(fixture);
	secure_await_delivery(fixture, 3);
	password_is_nowhere(fixture);
}

/* ---- proxies that are none ---- */

static void the_configs_proxy_is_used_whatever_no_proxy_says(void **state)
{
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_SQUID();
	fixture->agent->variable = "NO_PROXY=*";
	password_write(fixture, PASSWORD);
	configure_far(fixture, "\"file:FOLDER/proxy\"");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_delivery(fixture, 3);
}

static void a_proxy_that_is_down_means_offline(void **state)
{
	struct secure_fixture *fixture = *state;
	char proxy[64];

	SKIP_WITHOUT_NGINX();
	(void)snprintf(proxy, sizeof proxy, "\"http://127.0.0.1:%d\"", test_free_port());
	configure_far(fixture, proxy);
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	secure_await_status(fixture, "\"kind\":\"offline\"");
	secure_nothing_left(fixture, 3);
}

static void a_secret_that_is_no_proxy_is_not_quoted(void **state)
{
	static const char *const texts[] = {
		"gopher://mole:" PASSWORD "@127.0.0.1:1",
		"http://mole:" PASSWORD "@",
		"http://mole:" PASSWORD "@127.0.0.1:99999",
		"http://mole:" PASSWORD "@[::1",
		PASSWORD,
	};
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_NGINX();
	test_folder_write(&fixture->agent->folder, "proxy", texts[0]);
	configure_far(fixture, "\"file:FOLDER/proxy\"");
	agent_start(fixture->agent);
	agent_record(fixture->agent, "e", 3);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		test_folder_write(&fixture->agent->folder, "proxy", texts[i]);
		reload(fixture);
		secure_await_status(fixture, "is not the URL of a proxy");
		secure_await_status(fixture, "\"state\":\"paused\"");
		password_is_nowhere(fixture);
	}
	secure_nothing_left(fixture, 3);
}

/* ---- proxies that misbehave ---- */

static void takes_the_tunnel_and_says_nothing(struct test_visit *visit)
{
	if (test_visit_take(visit) &&
	    test_visit_tell(visit, "HTTP/1.1 200 Connection established\r\n\r\n"))
		test_visit_stall(visit);
}

static void says_nothing_at_all(struct test_visit *visit)
{
	test_visit_stall(visit);
}

static void forbids_the_tunnel(struct test_visit *visit)
{
	if (test_visit_take(visit))
		(void)test_visit_tell(visit, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
}

static void asks_for_a_login_at_great_length(struct test_visit *visit)
{
	static char piece[64 * 1024];

	if (!test_visit_take(visit) ||
	    !test_visit_tell(visit, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
				    "Content-Length: 1073741824\r\n\r\n"))
		return;
	while (test_visit_say(visit, piece, sizeof piece))
		;
}

static void has_headers_without_end(struct test_visit *visit)
{
	if (!test_visit_take(visit) || !test_visit_tell(visit, "HTTP/1.1 200 OK\r\n"))
		return;
	while (test_visit_tell(visit, "X-And-So-On: 0123456789012345678901234567890123456789\r\n"))
		;
}

static void visits_await(const struct secure_fixture *fixture, int least)
{
	long long deadline = test_now_ms() + TEST_PATIENCE_MS;

	while (atomic_load(&fixture->rogue.tally->connections) < least) {
		if (test_now_ms() > deadline)
			fail_msg("nobody comes; the agent says:\n%s",
				 test_process_errors(fixture->agent->agent));
		test_sleep_ms(10);
	}
}

/* Nothing of the request has left: none of it is ambiguous. */
static void a_proxy_that_misbehaves_delays_but_loses_nothing(void **state)
{
	static const struct {
		test_manner *manner;
		const char *words;
		int visits; /* as many at least */
	} rows[] = {
		{takes_the_tunnel_and_says_nothing, "\"kind\":\"offline\"", 2},
		{asks_for_a_login_at_great_length, "\"kind\":\"proxy\"", 1},
		{says_nothing_at_all, "\"kind\":\"offline\"", 2},
		{forbids_the_tunnel, "its rules forbid this host or port", 2},
		{has_headers_without_end, "\"kind\":\"offline\"", 2},
	};
	struct secure_fixture *fixture = *state;

	SKIP_WITHOUT_NGINX();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char proxy[128];

		test_rogue_start(&fixture->rogue, rows[i].manner, NULL);
		(void)snprintf(proxy, sizeof proxy, "\"http://127.0.0.1:%d\",\"timeout\":\"1s\"",
			       fixture->rogue.port);
		configure_far(fixture, proxy);
		if (i == 0) {
			agent_record(fixture->agent, "e", 3);
			agent_start(fixture->agent);
		} else {
			reload(fixture);
		}
		visits_await(fixture, rows[i].visits);
		secure_await_status(fixture, rows[i].words);
		secure_nothing_left(fixture, 3);
		assert_int_equal(agent_ask_queue(fixture->agent, "SELECT ambiguous FROM sink"), 0);
		test_rogue_stop(&fixture->rogue);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SECURE_TEST(a_tunnel_with_a_password_leads_to_the_server),
		SECURE_TEST(the_environments_proxy_leads_there_as_well),
		SECURE_TEST(plain_http_goes_through_it_too),
		SECURE_TEST(a_wrong_password_pauses_and_the_right_one_delivers),
		SECURE_TEST(the_configs_proxy_is_used_whatever_no_proxy_says),
		SECURE_TEST(a_proxy_that_is_down_means_offline),
		SECURE_TEST(a_secret_that_is_no_proxy_is_not_quoted),
		SECURE_TEST(a_proxy_that_misbehaves_delays_but_loses_nothing),
	};

	return cmocka_run_group_tests(tests, squid_begin, squid_end);
}

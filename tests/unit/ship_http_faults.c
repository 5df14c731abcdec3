/* When nothing comes back over HTTP, when nothing may be sent, and how it ends. */
#include "support/test.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/http_fixture.h"

/* ---- when nothing comes back ---- */

static void a_connection_cut_after_the_request_is_ambiguous(void **state)
{
	struct http_world *world = *state;

	world->server.manner = SHIP_HANG_UP;
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_AMBIGUOUS);
	assert_string_not_equal(world->seen.text, "");
}

static void a_server_that_says_nothing_is_given_up_after_the_timeout(void **state)
{
	struct http_world *world = *state;
	double begin_s = http_now_s();

	world->server.manner = SHIP_SILENCE;
	world->settings.timeout_ms = 300;
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_AMBIGUOUS);
	assert_true(http_now_s() - begin_s >= 0.25);
	assert_true(http_now_s() - begin_s < 10);
}

static void a_port_where_nobody_listens_is_offline(void **state)
{
	struct http_world *world = *state;
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	(void)snprintf(world->url, sizeof world->url, "http://127.0.0.1:%d/",
		       ntohs(address.sin_port));
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
	(void)close(fd);
}

static void a_name_that_does_not_resolve_is_offline(void **state)
{
	struct http_world *world = *state;

	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
	assert_non_null(strstr(world->seen.text, "telemetry.example.com"));
}

static void a_resolver_that_hangs_is_offline_after_the_timeout(void **state)
{
	struct http_world *world = *state;
	double begin_s = http_now_s();

	http_resolver_hangs = true;
	world->settings.timeout_ms = 400;
	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
	assert_true(http_now_s() - begin_s < 5);
}

static void a_server_that_speaks_no_tls_is_a_tls_fault(void **state)
{
	struct http_world *world = *state;

	(void)snprintf(world->url, sizeof world->url, "https://127.0.0.1:%d/", world->server.port);
	world->server.manner = SHIP_REFUSE;
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_TLS);
}

static void a_certificate_file_that_is_not_there_is_a_local_fault(void **state)
{
	struct http_world *world = *state;

	(void)snprintf(world->url, sizeof world->url, "https://127.0.0.1:%d/", world->server.port);
	world->settings.ca_file = "/nonexistent/ca.pem";
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_LOCAL);
}

/* ---- what is refused before anything is sent ---- */

static void a_url_that_libcurl_must_not_use_is_refused_by_send(void **state)
{
	static const char *const urls[] = {"",
					   "not a url",
					   "http://",
					   "http://telemetry.example.com/",
					   "http://127.example.com/",
					   "http://128.0.0.1/"};
	struct http_world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err;
	size_t i;

	for (i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		(void)snprintf(world->url, sizeof world->url, "%s", urls[i]);
		assert_int_equal(http_try_send(world, "x", &exchange, &err), FR_INVALID);
		assert_null(exchange);
	}
	assert_string_equal(err.text, "sink test: plain http leaves this machine");
}

static void plain_http_to_a_far_host_goes_only_where_the_config_says_so(void **state)
{
	struct http_world *world = *state;

	world->settings.allow_plain_http = true;
	(void)snprintf(world->url, sizeof world->url, "http://telemetry.example.com/");
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
}

static void other_protocols_are_a_local_fault(void **state)
{
	static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/x",
					   "gopher://127.0.0.1/x"};
	struct http_world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err;
	size_t i;

	world->settings.allow_plain_http = true;
	for (i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		(void)snprintf(world->url, sizeof world->url, "%s", urls[i]);
		if (http_try_send(world, "x", &exchange, &err) == FR_OK)
			assert_int_equal(http_await(world)->outcome, FR_OUTCOME_LOCAL);
	}
}

/* ---- proxies ---- */

static void a_proxy_of_the_environment_is_not_used_for_loopback(void **state)
{
	struct http_world *world = *state;

	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("all_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(http_post(world, "x")->status, 200);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
}

static void a_proxy_that_wants_a_login_is_an_answer_407(void **state)
{
	struct http_world *world = *state;
	char proxy[64];

	(void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", world->server.port);
	world->settings.proxy = proxy;
	world->server.manner = SHIP_ANSWER_AND_CLOSE;
	world->server.answer = "HTTP/1.1 407 Proxy Authentication Required\r\n"
			       "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->seen.status, 407);
	assert_memory_equal(world->server.head, "CONNECT telemetry.example.com:443 HTTP/1.1\r\n",
			    44);
	assert_null(strstr(world->server.head, "Bearer"));
}

static void a_proxy_that_cannot_reach_the_server_is_offline(void **state)
{
	struct http_world *world = *state;
	char proxy[64];

	(void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", world->server.port);
	world->settings.proxy = proxy;
	world->server.manner = SHIP_ANSWER_AND_CLOSE;
	world->server.answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
}

/* ---- ends ---- */

static void a_cancelled_request_gets_its_one_callback(void **state)
{
	struct http_world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};
	int i;

	world->server.manner = SHIP_SILENCE;
	assert_int_equal(http_try_send(world, "x", &exchange, &err), FR_OK);
	for (i = 0; i < 3; i++)
		(void)event_base_loop(world->loop, EVLOOP_NONBLOCK);
	assert_int_equal(world->seen.calls, 0);
	fr_transport_cancel(exchange);
	assert_int_equal(world->seen.calls, 1);
	(void)event_base_loop(world->loop, EVLOOP_NONBLOCK);
	assert_int_equal(world->seen.calls, 1);
}

static void free_cancels_what_is_under_way(void **state)
{
	struct http_world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};

	world->server.manner = SHIP_SILENCE;
	assert_int_equal(http_try_send(world, "x", &exchange, &err), FR_OK);
	while (world->server.requests == 0)
		(void)event_base_loop(world->loop, EVLOOP_ONCE);
	fr_transport_free(world->transport);
	world->transport = NULL;
	assert_int_equal(world->seen.calls, 1);
	assert_int_equal(world->seen.outcome, FR_OUTCOME_AMBIGUOUS);
	(void)event_base_loop(world->loop, EVLOOP_NONBLOCK);
}

static void free_does_not_wait_for_a_resolver_that_hangs(void **state)
{
	struct http_world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};
	double begin_s = http_now_s();
	int i;

	http_resolver_hangs = true;
	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(http_try_send(world, "x", &exchange, &err), FR_OK);
	for (i = 0; i < 5; i++)
		(void)event_base_loop(world->loop, EVLOOP_NONBLOCK);
	fr_transport_free(world->transport);
	world->transport = NULL;
	assert_int_equal(world->seen.calls, 1);
	assert_true(http_now_s() - begin_s < 2);
}

/* Nothing is watched when nothing is under way: the loop runs out of events and returns. */
static void an_idle_transport_wakes_nobody(void **state)
{
	struct http_world *world = *state;
	struct event_base *quiet = event_base_new();
	struct event_base *loop = world->loop;
	struct fr_transport *transport;
	struct fr_error err = {.text = ""};

	assert_int_equal(fr_transport_new(&transport, quiet, &world->settings, &world->env, &err),
			 FR_OK);
	assert_int_equal(event_base_loop(quiet, EVLOOP_NONBLOCK), 1); /* 1: no events at all */
	fr_transport_free(transport);
	event_base_free(quiet);
	(void)http_post(world, "x");
	assert_int_equal(loop == world->loop, 1);
	/* The listener and its one connection, nothing of the transport's. */
	assert_int_equal(event_base_get_num_events(world->loop, EVENT_BASE_COUNT_ADDED), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HTTP_T(a_connection_cut_after_the_request_is_ambiguous),
		HTTP_T(a_server_that_says_nothing_is_given_up_after_the_timeout),
		HTTP_T(a_port_where_nobody_listens_is_offline),
		HTTP_T(a_name_that_does_not_resolve_is_offline),
		HTTP_T(a_resolver_that_hangs_is_offline_after_the_timeout),
		HTTP_T(a_server_that_speaks_no_tls_is_a_tls_fault),
		HTTP_T(a_certificate_file_that_is_not_there_is_a_local_fault),
		HTTP_T(a_url_that_libcurl_must_not_use_is_refused_by_send),
		HTTP_T(plain_http_to_a_far_host_goes_only_where_the_config_says_so),
		HTTP_T(other_protocols_are_a_local_fault),
		HTTP_T(a_proxy_of_the_environment_is_not_used_for_loopback),
		HTTP_T(a_proxy_that_wants_a_login_is_an_answer_407),
		HTTP_T(a_proxy_that_cannot_reach_the_server_is_offline),
		HTTP_T(a_cancelled_request_gets_its_one_callback),
		HTTP_T(free_cancels_what_is_under_way),
		HTTP_T(free_does_not_wait_for_a_resolver_that_hangs),
		HTTP_T(an_idle_transport_wakes_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support/test.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <libdeflate.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ship/transport.h"
#include "unit/ship_server.h"
#include "unit/sink_fixture.h"

enum { PATIENCE_S = 20 };

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* ---- a resolver that hangs when told to
 * ------------------------------------------------------------ */

static bool resolver_hangs;

/* In the place of libc's, for libcurl too. */
__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
						       const struct addrinfo *hints,
						       struct addrinfo **res)
{
	const struct timespec long_time = {8, 0};

	(void)service;
	(void)hints;
	*res = NULL;
	if (resolver_hangs)
		(void)nanosleep(&long_time, NULL);
	return node != NULL ? EAI_NONAME : EAI_FAIL;
}

/* ---- one transport, one server, one loop
 * ------------------------------------------------------------ */

struct seen {
	unsigned calls;
	enum fr_outcome outcome;
	int status;
	char content_type[64], retry_after[64], date[64], text[FR_OUTCOME_TEXT];
	char body[256];
	size_t body_length;
	bool body_incomplete, over_tls;
	struct event_base *loop;
};

struct world {
	struct event_base *loop;
	struct ship_server server;
	struct fr_sink_settings settings;
	struct fr_env env;
	struct fr_transport *transport;
	struct seen seen;
	char url[128];
};

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_result(void *context, const struct fr_exchange_result *result)
{
	struct seen *seen = context;
	const struct fr_answer *answer = &result->answer;

	seen->calls++;
	seen->outcome = result->outcome;
	seen->status = answer->status;
	(void)snprintf(seen->content_type, sizeof seen->content_type, "%s", answer->content_type);
	(void)snprintf(seen->retry_after, sizeof seen->retry_after, "%s", answer->retry_after);
	(void)snprintf(seen->date, sizeof seen->date, "%s", answer->date);
	(void)snprintf(seen->text, sizeof seen->text, "%s", result->text);
	(void)snprintf(seen->body, sizeof seen->body, "%s", answer->body);
	seen->body_length = answer->body_length;
	seen->body_incomplete = answer->body_incomplete;
	seen->over_tls = answer->over_tls;
	(void)event_base_loopbreak(seen->loop);
}

static int world_make(void **state)
{
	struct world *world = calloc(1, sizeof *world);

	resolver_hangs = false;
	world->loop = event_base_new();
	world->seen.loop = world->loop;
	ship_server_start(&world->server, world->loop);
	world->server.answer = OK_ANSWER;
	(void)snprintf(world->url, sizeof world->url, "http://127.0.0.1:%d/v1/events",
		       world->server.port);
	world->settings = sink_settings("first_party");
	fr_env_real(&world->env);
	*state = world;
	return 0;
}

static int world_end(void **state)
{
	struct world *world = *state;

	fr_transport_free(world->transport);
	ship_server_stop(&world->server);
	event_base_free(world->loop);
	free(world);
	return 0;
}

static enum fr_status try_send(struct world *world, const char *body, struct fr_exchange **out,
			       struct fr_error *err)
{
	struct fr_request request;
	struct fr_sending sending = {&request, SINK_TIME_US, on_result, &world->seen};
	enum fr_status status;

	if (world->transport == NULL)
		assert_int_equal(fr_transport_new(&world->transport, world->loop, &world->settings,
						  &world->env, err),
				 FR_OK);
	fr_request_init(&request, 8 << 20);
	assert_int_equal(fr_request_set_url(&request, world->url, err), FR_OK);
	assert_int_equal(
		fr_request_add_header(&request, "Content-Type", "application/json", NULL, err),
		FR_OK);
	assert_int_equal(fr_request_add_header(&request, "Authorization", "Bearer s", "env:T", err),
			 FR_OK);
	assert_int_equal(fr_request_add_header(&request, "X-Empty", "", NULL, err), FR_OK);
	fr_buffer_add_text(&request.body, body);
	world->seen.calls = 0;
	status = fr_transport_send(world->transport, &sending, out, err);
	assert_int_equal(world->seen.calls, 0); /* never from inside send */
	fr_request_fini(&request);
	return status;
}

/* Runs the loop until a result came. */
static const struct seen *await(struct world *world)
{
	const struct timeval patience = {PATIENCE_S, 0};

	(void)event_base_loopexit(world->loop, &patience);
	while (world->seen.calls == 0 && !event_base_got_exit(world->loop))
		(void)event_base_loop(world->loop, EVLOOP_ONCE);
	assert_int_equal(world->seen.calls, 1);
	return &world->seen;
}

static const struct seen *post(struct world *world, const char *body)
{
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};

	if (try_send(world, body, &exchange, &err) != FR_OK)
		fail_msg("%s", err.text);
	return await(world);
}

static void expect_header(const struct world *world, const char *name, const char *expected)
{
	char value[256];

	assert_string_equal(ship_server_header(&world->server, name, value, sizeof value),
			    expected);
}

/* ---- what is sent
 * ------------------------------------------------------------------------------------- */

static void a_request_arrives_with_its_headers_and_ours(void **state)
{
	struct world *world = *state;

	assert_int_equal(post(world, "{\"a\":1}")->outcome, FR_OUTCOME_ANSWER);
	assert_memory_equal(world->server.head, "POST /v1/events HTTP/1.1\r\n", 26);
	expect_header(world, "Content-Type", "application/json");
	expect_header(world, "Authorization", "Bearer s");
	expect_header(world, "User-Agent", "flightrec/" FR_VERSION);
	expect_header(world, "X-Flightrec-Sent-At", "2026-11-22T08:35:00.123456Z");
	expect_header(world, "Expect", "");
	expect_header(world, "Content-Encoding", "");
	expect_header(world, "Accept-Encoding", "");
	assert_non_null(strstr(world->server.head, "\r\nX-Empty:"));
	assert_string_equal(world->server.body, "{\"a\":1}");
}

static void a_long_body_goes_packed_when_the_sink_wants_it(void **state)
{
	struct world *world = *state;
	struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
	static char body[100000], unpacked[100000];
	size_t unpacked_length;

	memset(body, 'x', sizeof body - 1);
	world->settings.gzip = true;
	assert_int_equal(post(world, body)->outcome, FR_OUTCOME_ANSWER);
	expect_header(world, "Content-Encoding", "gzip");
	assert_true(world->server.body_length < 1000);
	assert_int_equal(libdeflate_gzip_decompress(decompressor, world->server.body,
						    world->server.body_length, unpacked,
						    sizeof unpacked, &unpacked_length),
			 LIBDEFLATE_SUCCESS);
	assert_int_equal(unpacked_length, strlen(body));
	assert_memory_equal(unpacked, body, unpacked_length);
	libdeflate_free_decompressor(decompressor);
	(void)post(world, "short");
	expect_header(world, "Content-Encoding", "");
	assert_string_equal(world->server.body, "short");
}

static void a_large_body_arrives_whole_without_waiting_for_100_continue(void **state)
{
	struct world *world = *state;
	char *body = malloc(3000000);

	memset(body, 'y', 2999999);
	body[2999999] = '\0';
	assert_int_equal(post(world, body)->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->server.body_length, 2999999);
	assert_memory_equal(world->server.body, body, 2999999);
	expect_header(world, "Expect", "");
	free(body);
}

static void requests_share_a_connection(void **state)
{
	struct world *world = *state;
	int i;

	for (i = 0; i < 5; i++)
		assert_int_equal(post(world, "x")->status, 200);
	assert_int_equal(world->server.requests, 5);
	assert_int_equal(world->server.connections, 1);
}

static void two_requests_may_be_under_way_at_once(void **state)
{
	struct world *world = *state;
	struct fr_exchange *first, *second;
	struct fr_error err = {.text = ""};

	world->settings.inflight = 2;
	assert_int_equal(try_send(world, "a", &first, &err), FR_OK);
	assert_int_equal(try_send(world, "b", &second, &err), FR_OK);
	while (world->seen.calls < 2)
		(void)event_base_loop(world->loop, EVLOOP_ONCE);
	assert_int_equal(world->server.requests, 2);
	assert_int_equal(world->seen.calls, 2);
}

/* ---- what comes back
 * ---------------------------------------------------------------------------------- */

static void an_answer_is_handed_over_with_the_headers_that_matter(void **state)
{
	struct world *world = *state;
	const struct seen *seen;

	world->server.answer =
		"HTTP/1.1 429 Too Many Requests\r\ncontent-type:  application/json \r\n"
		"RETRY-AFTER: 120\r\nDate: Sun, 22 Nov 2026 08:35:00 GMT\r\n"
		"Set-Cookie: a=b\r\nContent-Length: 8\r\n\r\n{\"a\":\"b\"}";
	seen = post(world, "x");
	assert_int_equal(seen->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(seen->status, 429);
	assert_string_equal(seen->content_type, "application/json");
	assert_string_equal(seen->retry_after, "120");
	assert_string_equal(seen->date, "Sun, 22 Nov 2026 08:35:00 GMT");
	assert_string_equal(seen->body, "{\"a\":\"b\"");
	assert_int_equal(seen->body_length, 8);
	assert_false(seen->body_incomplete);
	assert_false(seen->over_tls);
	assert_string_equal(seen->text, "");
}

static void an_interim_answer_is_not_the_answer(void **state)
{
	struct world *world = *state;
	const struct seen *seen;

	world->server.answer = "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n"
			       "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";
	seen = post(world, "x");
	assert_int_equal(seen->status, 202);
	assert_string_equal(seen->retry_after, "");
	assert_string_equal(seen->body, "{}");
}

static void a_chunked_answer_is_put_together_and_its_trailers_say_nothing(void **state)
{
	struct world *world = *state;
	const struct seen *seen;

	world->server.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\nRetry-After: 5\r\n\r\n";
	seen = post(world, "x");
	assert_int_equal(seen->status, 200);
	assert_string_equal(seen->body, "{\"a\":1}");
	assert_string_equal(seen->retry_after, "");
	assert_false(seen->body_incomplete);
}

static void a_redirect_is_not_followed(void **state)
{
	struct world *world = *state;
	char answer[256];

	(void)snprintf(answer, sizeof answer,
		       "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%d/else\r\n"
		       "Content-Length: 0\r\n\r\n",
		       world->server.port);
	world->server.answer = answer;
	assert_int_equal(post(world, "x")->status, 307);
	assert_int_equal(world->server.requests, 1);
}

static void a_2xx_whose_body_breaks_off_is_still_an_answer(void **state)
{
	struct world *world = *state;
	const struct seen *seen;

	world->server.manner = SHIP_ANSWER_AND_CLOSE;
	world->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"accepted\"";
	seen = post(world, "x");
	assert_int_equal(seen->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(seen->status, 200);
	assert_true(seen->body_incomplete);
}

static void an_endless_body_is_cut_at_4_mib(void **state)
{
	static char stream[65536];
	struct world *world = *state;
	const struct seen *seen;

	memset(stream, 'z', sizeof stream - 1);
	world->server.manner = SHIP_ANSWER_AND_STREAM;
	world->server.stream = stream;
	world->server.answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nz";
	seen = post(world, "x");
	assert_int_equal(seen->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(seen->status, 200);
	assert_true(seen->body_incomplete);
	assert_true(seen->body_length <= FR_ANSWER_MAX);
	assert_true(seen->body_length > FR_ANSWER_MAX / 2);
}

static void of_a_refusal_only_the_beginning_is_kept(void **state)
{
	struct world *world = *state;
	char *answer = malloc(1000200);
	const struct seen *seen;

	(void)snprintf(answer, 200, "HTTP/1.1 400 Bad Request\r\nContent-Length: 1000000\r\n\r\n");
	memset(answer + strlen(answer), 'w', 1000000);
	answer[strlen("HTTP/1.1 400 Bad Request\r\nContent-Length: 1000000\r\n\r\n") + 1000000] =
		'\0';
	world->server.answer = answer;
	seen = post(world, "x");
	assert_int_equal(seen->status, 400);
	assert_false(seen->body_incomplete);
	assert_int_equal(seen->body_length, 16384);
	free(answer);
}

static void headers_without_end_are_broken_off(void **state)
{
	struct world *world = *state;
	const struct seen *seen;

	world->server.manner = SHIP_ANSWER_AND_STREAM;
	world->server.stream = "X-Filler: 0123456789012345678901234567890123456789\r\n";
	world->server.answer = "HTTP/1.1 200 OK\r\n";
	seen = post(world, "x");
	assert_int_equal(seen->outcome, FR_OUTCOME_AMBIGUOUS);
	assert_int_equal(seen->status, 0);
	assert_true(world->server.streamed < 10000000);
}

static void what_is_not_http_is_no_answer(void **state)
{
	static const char *const garbage[] = {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "\r\n\r\n", "\x16\x03",
					      "HTTP/1.1 abc\r\n\r\n", "200 OK\r\n\r\n"};
	struct world *world = *state;
	size_t i;

	world->server.manner = SHIP_ANSWER_AND_CLOSE;
	for (i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		world->server.answer = garbage[i];
		assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_AMBIGUOUS);
	}
}

/* ---- when nothing comes back
 * -------------------------------------------------------------------------- */

static void a_connection_cut_after_the_request_is_ambiguous(void **state)
{
	struct world *world = *state;

	world->server.manner = SHIP_HANG_UP;
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_AMBIGUOUS);
	assert_string_not_equal(world->seen.text, "");
}

static void a_server_that_says_nothing_is_given_up_after_the_timeout(void **state)
{
	struct world *world = *state;
	double begin_s = now_s();

	world->server.manner = SHIP_SILENCE;
	world->settings.timeout_ms = 300;
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_AMBIGUOUS);
	assert_true(now_s() - begin_s >= 0.25);
	assert_true(now_s() - begin_s < 10);
}

static void a_port_where_nobody_listens_is_offline(void **state)
{
	struct world *world = *state;
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	(void)snprintf(world->url, sizeof world->url, "http://127.0.0.1:%d/",
		       ntohs(address.sin_port));
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
	(void)close(fd);
}

static void a_name_that_does_not_resolve_is_offline(void **state)
{
	struct world *world = *state;

	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
	assert_non_null(strstr(world->seen.text, "telemetry.example.com"));
}

static void a_resolver_that_hangs_is_offline_after_the_timeout(void **state)
{
	struct world *world = *state;
	double begin_s = now_s();

	resolver_hangs = true;
	world->settings.timeout_ms = 400;
	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
	assert_true(now_s() - begin_s < 5);
}

static void a_server_that_speaks_no_tls_is_a_tls_fault(void **state)
{
	struct world *world = *state;

	(void)snprintf(world->url, sizeof world->url, "https://127.0.0.1:%d/", world->server.port);
	world->server.manner = SHIP_REFUSE;
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_TLS);
}

static void a_certificate_file_that_is_not_there_is_a_local_fault(void **state)
{
	struct world *world = *state;

	(void)snprintf(world->url, sizeof world->url, "https://127.0.0.1:%d/", world->server.port);
	world->settings.ca_file = "/nonexistent/ca.pem";
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_LOCAL);
}

/* ---- what is refused before anything is sent
 * -------------------------------------------------------------- */

static void a_url_that_libcurl_must_not_use_is_refused_by_send(void **state)
{
	static const char *const urls[] = {"",
					   "not a url",
					   "http://",
					   "http://telemetry.example.com/",
					   "http://127.example.com/",
					   "http://128.0.0.1/"};
	struct world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err;
	size_t i;

	for (i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		(void)snprintf(world->url, sizeof world->url, "%s", urls[i]);
		assert_int_equal(try_send(world, "x", &exchange, &err), FR_INVALID);
		assert_null(exchange);
	}
	assert_string_equal(err.text, "sink test: plain http leaves this machine");
}

static void plain_http_to_a_far_host_goes_only_where_the_config_says_so(void **state)
{
	struct world *world = *state;

	world->settings.allow_plain_http = true;
	(void)snprintf(world->url, sizeof world->url, "http://telemetry.example.com/");
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
}

static void other_protocols_are_a_local_fault(void **state)
{
	static const char *const urls[] = {"file:///etc/passwd", "ftp://127.0.0.1/x",
					   "gopher://127.0.0.1/x"};
	struct world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err;
	size_t i;

	world->settings.allow_plain_http = true;
	for (i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		(void)snprintf(world->url, sizeof world->url, "%s", urls[i]);
		if (try_send(world, "x", &exchange, &err) == FR_OK)
			assert_int_equal(await(world)->outcome, FR_OUTCOME_LOCAL);
	}
}

/* ---- proxies
 * ------------------------------------------------------------------------------------------- */

static void a_proxy_of_the_environment_is_not_used_for_loopback(void **state)
{
	struct world *world = *state;

	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("all_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(post(world, "x")->status, 200);
	(void)unsetenv("http_proxy");
	(void)unsetenv("all_proxy");
}

static void a_proxy_that_wants_a_login_is_an_answer_407(void **state)
{
	struct world *world = *state;
	char proxy[64];

	(void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", world->server.port);
	world->settings.proxy = proxy;
	world->server.manner = SHIP_ANSWER_AND_CLOSE;
	world->server.answer = "HTTP/1.1 407 Proxy Authentication Required\r\n"
			       "Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";
	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->seen.status, 407);
	assert_memory_equal(world->server.head, "CONNECT telemetry.example.com:443 HTTP/1.1\r\n",
			    44);
	assert_null(strstr(world->server.head, "Bearer"));
}

static void a_proxy_that_cannot_reach_the_server_is_offline(void **state)
{
	struct world *world = *state;
	char proxy[64];

	(void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", world->server.port);
	world->settings.proxy = proxy;
	world->server.manner = SHIP_ANSWER_AND_CLOSE;
	world->server.answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(post(world, "x")->outcome, FR_OUTCOME_OFFLINE);
}

/* ---- ends
 * ------------------------------------------------------------------------------------------------
 */

static void a_cancelled_request_gets_its_one_callback(void **state)
{
	struct world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};
	int i;

	world->server.manner = SHIP_SILENCE;
	assert_int_equal(try_send(world, "x", &exchange, &err), FR_OK);
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
	struct world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};

	world->server.manner = SHIP_SILENCE;
	assert_int_equal(try_send(world, "x", &exchange, &err), FR_OK);
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
	struct world *world = *state;
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};
	double begin_s = now_s();
	int i;

	resolver_hangs = true;
	(void)snprintf(world->url, sizeof world->url, "https://telemetry.example.com/");
	assert_int_equal(try_send(world, "x", &exchange, &err), FR_OK);
	for (i = 0; i < 5; i++)
		(void)event_base_loop(world->loop, EVLOOP_NONBLOCK);
	fr_transport_free(world->transport);
	world->transport = NULL;
	assert_int_equal(world->seen.calls, 1);
	assert_true(now_s() - begin_s < 2);
}

/* Nothing is watched when nothing is under way: the loop runs out of events and returns. */
static void an_idle_transport_wakes_nobody(void **state)
{
	struct world *world = *state;
	struct event_base *quiet = event_base_new();
	struct event_base *loop = world->loop;
	struct fr_transport *transport;
	struct fr_error err = {.text = ""};

	assert_int_equal(fr_transport_new(&transport, quiet, &world->settings, &world->env, &err),
			 FR_OK);
	assert_int_equal(event_base_loop(quiet, EVLOOP_NONBLOCK), 1); /* 1: no events at all */
	fr_transport_free(transport);
	event_base_free(quiet);
	(void)post(world, "x");
	assert_int_equal(loop == world->loop, 1);
	/* The listener and its one connection, nothing of the transport's. */
	assert_int_equal(event_base_get_num_events(world->loop, EVENT_BASE_COUNT_ADDED), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_arrives_with_its_headers_and_ours,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_long_body_goes_packed_when_the_sink_wants_it,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(
			a_large_body_arrives_whole_without_waiting_for_100_continue, world_make,
			world_end),
		cmocka_unit_test_setup_teardown(requests_share_a_connection, world_make, world_end),
		cmocka_unit_test_setup_teardown(two_requests_may_be_under_way_at_once, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(
			an_answer_is_handed_over_with_the_headers_that_matter, world_make,
			world_end),
		cmocka_unit_test_setup_teardown(an_interim_answer_is_not_the_answer, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(
			a_chunked_answer_is_put_together_and_its_trailers_say_nothing, world_make,
			world_end),
		cmocka_unit_test_setup_teardown(a_redirect_is_not_followed, world_make, world_end),
		cmocka_unit_test_setup_teardown(a_2xx_whose_body_breaks_off_is_still_an_answer,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(an_endless_body_is_cut_at_4_mib, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(of_a_refusal_only_the_beginning_is_kept, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(headers_without_end_are_broken_off, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(what_is_not_http_is_no_answer, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(a_connection_cut_after_the_request_is_ambiguous,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(
			a_server_that_says_nothing_is_given_up_after_the_timeout, world_make,
			world_end),
		cmocka_unit_test_setup_teardown(a_port_where_nobody_listens_is_offline, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(a_name_that_does_not_resolve_is_offline, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(a_resolver_that_hangs_is_offline_after_the_timeout,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_server_that_speaks_no_tls_is_a_tls_fault,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(
			a_certificate_file_that_is_not_there_is_a_local_fault, world_make,
			world_end),
		cmocka_unit_test_setup_teardown(a_url_that_libcurl_must_not_use_is_refused_by_send,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(
			plain_http_to_a_far_host_goes_only_where_the_config_says_so, world_make,
			world_end),
		cmocka_unit_test_setup_teardown(other_protocols_are_a_local_fault, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(a_proxy_of_the_environment_is_not_used_for_loopback,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_proxy_that_wants_a_login_is_an_answer_407,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_proxy_that_cannot_reach_the_server_is_offline,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(a_cancelled_request_gets_its_one_callback,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(free_cancels_what_is_under_way, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(free_does_not_wait_for_a_resolver_that_hangs,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(an_idle_transport_wakes_nobody, world_make,
						world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "unit/http_fixture.h"

#include <event2/event.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/test.h"

enum { PATIENCE_S = 20 };

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

bool http_resolver_hangs;

__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
						       const struct addrinfo *hints,
						       struct addrinfo **res)
{
	const struct timespec long_time = {8, 0};

	(void)service;
	(void)hints;
	*res = NULL;
	if (http_resolver_hangs)
		(void)nanosleep(&long_time, NULL);
	return node != NULL ? EAI_NONAME : EAI_FAIL;
}

double http_now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void on_result(void *context, const struct fr_exchange_result *result)
{
	struct http_seen *seen = context;
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
	seen->is_new_connection = result->is_new_connection;
	(void)event_base_loopbreak(seen->loop);
}

int http_set_up(void **state)
{
	struct http_world *world = calloc(1, sizeof *world);

	http_resolver_hangs = false;
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

int http_tear_down(void **state)
{
	struct http_world *world = *state;

	fr_transport_free(world->transport);
	ship_server_stop(&world->server);
	event_base_free(world->loop);
	free(world);
	return 0;
}

enum fr_status http_try_send_request(struct http_world *world, struct fr_request *request,
				     struct fr_exchange **out, struct fr_error *err)
{
	struct fr_sending sending = {request, SINK_TIME_US, on_result, &world->seen};
	enum fr_status status;

	if (world->transport == NULL)
		assert_int_equal(fr_transport_new(&world->transport, world->loop, &world->settings,
						  &world->env, err),
				 FR_OK);
	world->seen.calls = 0;
	status = fr_transport_send(world->transport, &sending, out, err);
	assert_int_equal(world->seen.calls, 0); /* never from inside send */
	return status;
}

enum fr_status http_try_send(struct http_world *world, const char *body, struct fr_exchange **out,
			     struct fr_error *err)
{
	struct fr_request request;
	enum fr_status status;

	fr_request_init(&request, 8 << 20);
	assert_int_equal(fr_request_set_url(&request, world->url, err), FR_OK);
	assert_int_equal(
		fr_request_add_header(&request, "Content-Type", "application/json", NULL, err),
		FR_OK);
	assert_int_equal(fr_request_add_header(&request, "Authorization", "Bearer s", "env:T", err),
			 FR_OK);
	assert_int_equal(fr_request_add_header(&request, "X-Empty", "", NULL, err), FR_OK);
	fr_buffer_add_text(&request.body, body);
	status = http_try_send_request(world, &request, out, err);
	fr_request_fini(&request);
	return status;
}

const struct http_seen *http_await(struct http_world *world)
{
	const struct timeval patience = {PATIENCE_S, 0};

	(void)event_base_loopexit(world->loop, &patience);
	while (world->seen.calls == 0 && !event_base_got_exit(world->loop))
		(void)event_base_loop(world->loop, EVLOOP_ONCE);
	assert_int_equal(world->seen.calls, 1);
	return &world->seen;
}

const struct http_seen *http_post(struct http_world *world, const char *body)
{
	struct fr_exchange *exchange;
	struct fr_error err = {.text = ""};

	if (http_try_send(world, body, &exchange, &err) != FR_OK)
		fail_msg("%s", err.text);
	return http_await(world);
}

void http_expect_header(const struct http_world *world, const char *name, const char *expected)
{
	char value[256];

	assert_string_equal(ship_server_header(&world->server, name, value, sizeof value),
			    expected);
}

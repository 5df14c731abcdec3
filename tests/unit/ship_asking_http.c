/* Asking over real connections: one question each, and a URL that fits the answer. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/http_fixture.h"

#define ANSWER(length, body) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n" body
#define ALL                                                                           \
	"max_threads\ninsert_deduplication_token\ninsert_deduplicate\nasync_insert\n" \
	"date_time_input_format\ninput_format_skip_unknown_fields\n"

/* A ClickHouse sink whose requests are real ones; the server says the same to question and insert,
 * which is all the same to a transport. */
static void send_batch(struct http_world *world)
{
	const struct fr_sink_format *format = fr_sink_format_find("clickhouse");
	struct fr_event event = sink_event();
	struct fr_sink_batch batch = sink_batch(&event, 1);
	struct fr_exchange *exchange;
	struct fr_request request;
	struct fr_error err = {0};

	world->settings.type = "clickhouse";
	world->settings.table = "telemetry.events";
	(void)snprintf(world->url, sizeof world->url, "http://127.0.0.1:%d", world->server.port);
	world->settings.url = world->url;
	fr_request_init(&request, 1 << 20);
	assert_int_equal(format->encode(&world->settings, &batch, &request, &err), FR_OK);
	assert_int_equal(http_try_send_request(world, &request, &exchange, &err), FR_OK);
	assert_int_equal(http_await(world)->status, 200);
	assert_non_null(strstr(world->server.body, "\"name\":\"tool_use_error\""));
	fr_request_fini(&request);
}

static bool was_sent(const struct http_world *world, const char *setting)
{
	return strstr(world->server.head, setting) != NULL;
}

static void a_server_that_has_every_setting_gets_every_setting(void **state)
{
	struct http_world *world = *state;

	world->server.answer = ANSWER("127", ALL);
	send_batch(world);
	assert_int_equal(world->server.requests, 2);
	assert_int_equal(world->server.connections, 1);
	assert_memory_equal(world->server.head, "POST /?query=INSERT%20INTO%20%60telemetry%60.",
			    44);
	assert_true(was_sent(world, "&insert_deduplication_token=0193524e-aaaa-7000-8000-"
				    "00000000000b&insert_deduplicate=1&async_insert=0&"
				    "wait_end_of_query=1&date_time_input_format=best_effort&"
				    "input_format_skip_unknown_fields=1 HTTP/1.1\r\n"));
}

static void a_server_that_lists_few_gets_few_and_is_asked_once_a_connection(void **state)
{
	struct http_world *world = *state;

	world->server.answer = ANSWER("12", "max_threads\n");
	send_batch(world);
	assert_true(was_sent(world, "FORMAT%20JSONEachRow&wait_end_of_query=1 HTTP/1.1\r\n"));
	send_batch(world);
	send_batch(world);
	assert_int_equal(world->server.requests, 4);
	assert_int_equal(world->server.connections, 1);
}

static void a_server_that_wants_a_connection_each_is_asked_each_time(void **state)
{
	struct http_world *world = *state;

	world->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n"
			       "max_threads\n";
	send_batch(world);
	send_batch(world);
	assert_int_equal(world->server.requests, 4);
	assert_int_equal(world->server.connections, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HTTP_T(a_server_that_has_every_setting_gets_every_setting),
		HTTP_T(a_server_that_lists_few_gets_few_and_is_asked_once_a_connection),
		HTTP_T(a_server_that_wants_a_connection_each_is_asked_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

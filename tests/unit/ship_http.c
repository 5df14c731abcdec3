/* What is sent over HTTP, and what comes back. */
#include "support/test.h"

#include <event2/event.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/http_fixture.h"

/* ---- what is sent ---- */

static void a_request_arrives_with_its_headers_and_ours(void **state)
{
	struct http_world *world = *state;

	assert_int_equal(http_post(world, "{\"a\":1}")->outcome, FR_OUTCOME_ANSWER);
	assert_memory_equal(world->server.head, "POST /v1/events HTTP/1.1\r\n", 26);
	http_expect_header(world, "Content-Type", "application/json");
	http_expect_header(world, "Authorization", "Bearer s");
	http_expect_header(world, "User-Agent", "flightrec/" FR_VERSION);
	http_expect_header(world, "X-Flightrec-Sent-At", "2026-11-22T08:35:00.123456Z");
	http_expect_header(world, "Expect", "");
	http_expect_header(world, "Content-Encoding", "");
	http_expect_header(world, "Accept-Encoding", "");
	assert_non_null(strstr(world->server.head, "\r\nX-Empty:"));
	assert_string_equal(world->server.body, "{\"a\":1}");
}

static void a_long_body_goes_packed_when_the_sink_wants_it(void **state)
{
	struct http_world *world = *state;
	struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
	static char body[100000], unpacked[100000];
	size_t unpacked_length;

	memset(body, 'x', sizeof body - 1);
	world->settings.gzip = true;
	assert_int_equal(http_post(world, body)->outcome, FR_OUTCOME_ANSWER);
	http_expect_header(world, "Content-Encoding", "gzip");
	assert_true(world->server.body_length < 1000);
	assert_int_equal(libdeflate_gzip_decompress(decompressor, world->server.body,
						    world->server.body_length, unpacked,
						    sizeof unpacked, &unpacked_length),
			 LIBDEFLATE_SUCCESS);
	assert_int_equal(unpacked_length, strlen(body));
	assert_memory_equal(unpacked, body, unpacked_length);
	libdeflate_free_decompressor(decompressor);
	(void)http_post(world, "short");
	http_expect_header(world, "Content-Encoding", "");
	assert_string_equal(world->server.body, "short");
}

static void a_large_body_arrives_whole_without_waiting_for_100_continue(void **state)
{
	struct http_world *world = *state;
	char *body = malloc(3000000);

	memset(body, 'y', 2999999);
	body[2999999] = '\0';
	assert_int_equal(http_post(world, body)->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(world->server.body_length, 2999999);
	assert_memory_equal(world->server.body, body, 2999999);
	http_expect_header(world, "Expect", "");
	free(body);
}

static void requests_share_a_connection(void **state)
{
	struct http_world *world = *state;
	int i;

	for (i = 0; i < 5; i++) {
		assert_int_equal(http_post(world, "x")->status, 200);
		assert_int_equal(world->seen.is_new_connection, i == 0);
	}
	assert_int_equal(world->server.requests, 5);
	assert_int_equal(world->server.connections, 1);
}

static void two_requests_may_be_under_way_at_once(void **state)
{
	struct http_world *world = *state;
	struct fr_exchange *first, *second;
	struct fr_error err = {.text = ""};

	world->settings.inflight = 2;
	assert_int_equal(http_try_send(world, "a", &first, &err), FR_OK);
	assert_int_equal(http_try_send(world, "b", &second, &err), FR_OK);
	while (world->seen.calls < 2)
		(void)event_base_loop(world->loop, EVLOOP_ONCE);
	assert_int_equal(world->server.requests, 2);
	assert_int_equal(world->seen.calls, 2);
}

/* ---- what comes back ---- */

static void an_answer_is_handed_over_with_the_headers_that_matter(void **state)
{
	struct http_world *world = *state;
	const struct http_seen *seen;

	world->server.answer =
		"HTTP/1.1 429 Too Many Requests\r\ncontent-type:  application/json \r\n"
		"RETRY-AFTER: 120\r\nDate: Sun, 22 Nov 2026 08:35:00 GMT\r\n"
		"Set-Cookie: a=b\r\nContent-Length: 8\r\n\r\n{\"a\":\"b\"}";
	seen = http_post(world, "x");
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
	struct http_world *world = *state;
	const struct http_seen *seen;

	world->server.answer = "HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n"
			       "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";
	seen = http_post(world, "x");
	assert_int_equal(seen->status, 202);
	assert_string_equal(seen->retry_after, "");
	assert_string_equal(seen->body, "{}");
}

static void a_chunked_answer_is_put_together_and_its_trailers_say_nothing(void **state)
{
	struct http_world *world = *state;
	const struct http_seen *seen;

	world->server.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			       "3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\nRetry-After: 5\r\n\r\n";
	seen = http_post(world, "x");
	assert_int_equal(seen->status, 200);
	assert_string_equal(seen->body, "{\"a\":1}");
	assert_string_equal(seen->retry_after, "");
	assert_false(seen->body_incomplete);
}

static void a_redirect_is_not_followed(void **state)
{
	struct http_world *world = *state;
	char answer[256];

	(void)snprintf(answer, sizeof answer,
		       "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%d/else\r\n"
		       "Content-Length: 0\r\n\r\n",
		       world->server.port);
	world->server.answer = answer;
	assert_int_equal(http_post(world, "x")->status, 307);
	assert_int_equal(world->server.requests, 1);
}

static void a_2xx_whose_body_breaks_off_is_still_an_answer(void **state)
{
	struct http_world *world = *state;
	const struct http_seen *seen;

	world->server.manner = SHIP_ANSWER_AND_CLOSE;
	world->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"accepted\"";
	seen = http_post(world, "x");
	assert_int_equal(seen->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(seen->status, 200);
	assert_true(seen->body_incomplete);
}

static void an_endless_body_is_cut_at_2_mib(void **state)
{
	static char stream[65536];
	struct http_world *world = *state;
	const struct http_seen *seen;

	memset(stream, 'z', sizeof stream - 1);
	world->server.manner = SHIP_ANSWER_AND_STREAM;
	world->server.stream = stream;
	world->server.answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nz";
	seen = http_post(world, "x");
	assert_int_equal(seen->outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(seen->status, 200);
	assert_true(seen->body_incomplete);
	assert_true(seen->body_length <= FR_ANSWER_MAX);
	assert_true(seen->body_length > FR_ANSWER_MAX / 2);
}

static void of_a_refusal_only_the_beginning_is_kept(void **state)
{
	struct http_world *world = *state;
	char *answer = malloc(1000200);
	const struct http_seen *seen;

	(void)snprintf(answer, 200, "HTTP/1.1 400 Bad Request\r\nContent-Length: 1000000\r\n\r\n");
	memset(answer + strlen(answer), 'w', 1000000);
	answer[strlen("HTTP/1.1 400 Bad Request\r\nContent-Length: 1000000\r\n\r\n") + 1000000] =
		'\0';
	world->server.answer = answer;
	seen = http_post(world, "x");
	assert_int_equal(seen->status, 400);
	assert_false(seen->body_incomplete);
	assert_int_equal(seen->body_length, 16384);
	free(answer);
}

static void headers_without_end_are_broken_off(void **state)
{
	struct http_world *world = *state;
	const struct http_seen *seen;

	world->server.manner = SHIP_ANSWER_AND_STREAM;
	world->server.stream = "X-Filler: 0123456789012345678901234567890123456789\r\n";
	world->server.answer = "HTTP/1.1 200 OK\r\n";
	seen = http_post(world, "x");
	assert_int_equal(seen->outcome, FR_OUTCOME_AMBIGUOUS);
	assert_int_equal(seen->status, 0);
	assert_true(world->server.streamed < 10000000);
}

static void what_is_not_http_is_no_answer(void **state)
{
	static const char *const garbage[] = {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "\r\n\r\n", "\x16\x03",
					      "HTTP/1.1 abc\r\n\r\n", "200 OK\r\n\r\n"};
	struct http_world *world = *state;
	size_t i;

	world->server.manner = SHIP_ANSWER_AND_CLOSE;
	for (i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		world->server.answer = garbage[i];
		assert_int_equal(http_post(world, "x")->outcome, FR_OUTCOME_AMBIGUOUS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HTTP_T(a_request_arrives_with_its_headers_and_ours),
		HTTP_T(a_long_body_goes_packed_when_the_sink_wants_it),
		HTTP_T(a_large_body_arrives_whole_without_waiting_for_100_continue),
		HTTP_T(requests_share_a_connection),
		HTTP_T(two_requests_may_be_under_way_at_once),
		HTTP_T(an_answer_is_handed_over_with_the_headers_that_matter),
		HTTP_T(an_interim_answer_is_not_the_answer),
		HTTP_T(a_chunked_answer_is_put_together_and_its_trailers_say_nothing),
		HTTP_T(a_redirect_is_not_followed),
		HTTP_T(a_2xx_whose_body_breaks_off_is_still_an_answer),
		HTTP_T(an_endless_body_is_cut_at_2_mib),
		HTTP_T(of_a_refusal_only_the_beginning_is_kept),
		HTTP_T(headers_without_end_are_broken_off),
		HTTP_T(what_is_not_http_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

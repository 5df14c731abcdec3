/* How the intake is spoken to: connections, heads, bodies and their encodings. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libdeflate.h>

#include "support/intake.h"

#define TWO_EVENTS                                                                    \
	"{\"batchId\":\"b-1\",\"events\":["                                           \
	"{\"eventId\":\"e-1\",\"eventName\":\"opened\",\"session\":\"s\",\"seq\":0}," \
	"{\"eventId\":\"e-2\",\"eventName\":\"closed\",\"session\":\"s\",\"seq\":1}]}"

static const char key_1[] = "Idempotency-Key: \"b-1\"\r\n";

/* Compressed bodies */

static size_t gzip(const char *text, char *out, size_t size)
{
	struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
	assert_non_null(compressor);
	size_t length = libdeflate_gzip_compress(compressor, text, strlen(text), out, size);
	libdeflate_free_compressor(compressor);
	assert_true(length > 0);
	return length;
}

static int post_bytes(const struct test_intake *intake, const char *headers, const char *body,
		      size_t length)
{
	struct test_answer answer;
	test_http(intake->port, "POST", "/v1/events", headers, body, length, &answer);
	int status = answer.status;
	test_answer_fini(&answer);
	return status;
}

static const char gzip_1[] = "Idempotency-Key: \"b-1\"\r\nContent-Encoding: gzip\r\n";

static void gzip_and_deflate_bodies_are_unpacked(void **state)
{
	struct test_intake *intake = *state;
	char packed[1024];
	size_t length = gzip(TWO_EVENTS, packed, sizeof(packed));
	assert_int_equal(post_bytes(intake, gzip_1, packed, length), 200);

	struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
	assert_non_null(compressor);
	length = libdeflate_zlib_compress(compressor, TWO_EVENTS, strlen(TWO_EVENTS), packed,
					  sizeof(packed));
	libdeflate_free_compressor(compressor);
	assert_int_equal(post_bytes(intake,
				    "Idempotency-Key: \"b-1\"\r\nContent-Encoding: deflate\r\n",
				    packed, length),
			 200);
	assert_int_equal(test_intake_stat(intake, "replays_accepted"), 1);
	assert_int_equal(test_intake_stat(intake, "replays_different"), 0);
}

static void a_gzip_body_of_several_members_is_one_body(void **state)
{
	struct test_intake *intake = *state;
	char packed[2048];
	size_t first = gzip("{\"batchId\":\"b-1\",", packed, sizeof(packed));
	size_t second = gzip("\"events\":[]}", packed + first, sizeof(packed) - first);
	assert_int_equal(post_bytes(intake, gzip_1, packed, first + second), 200);
}

static void damaged_gzip_is_refused(void **state)
{
	struct test_intake *intake = *state;
	char packed[1024];
	size_t length = gzip(TWO_EVENTS, packed, sizeof(packed));
	assert_int_equal(post_bytes(intake, gzip_1, packed, length - 3), 400);
	assert_int_equal(post_bytes(intake, gzip_1, "", 0), 400);
	packed[length] = 'x';
	assert_int_equal(post_bytes(intake, gzip_1, packed, length + 1), 400);
	packed[length / 2] ^= 0x55;
	assert_int_equal(post_bytes(intake, gzip_1, packed, length), 400);
	assert_int_equal(post_bytes(intake, "Content-Encoding: br\r\n", packed, length), 415);
	assert_int_equal(test_intake_stat(intake, "events_received"), 0);
}

static void a_small_body_that_unpacks_to_too_much_is_refused(void **state)
{
	struct test_intake *intake = *state;
	size_t size = (size_t)17 * 1024 * 1024;
	char *text = malloc(size + 1);
	char *packed = malloc(1024 * 1024);
	assert_non_null(text);
	assert_non_null(packed);
	memset(text, ' ', size);
	text[size] = '\0';
	size_t length = gzip(text, packed, 1024 * 1024);
	assert_int_equal(post_bytes(intake, gzip_1, packed, length), 413);
	text[(size_t)16 * 1024 * 1024] = '\0';
	memcpy(text, TWO_EVENTS, strlen(TWO_EVENTS));
	length = gzip(text, packed, 1024 * 1024);
	assert_int_equal(post_bytes(intake, gzip_1, packed, length), 200);
	free(text);
	free(packed);
}

/* HTTP */

/* Sends bytes as they are and returns the status of what comes back. */
static int talk(const struct test_intake *intake, const char *text, size_t length)
{
	struct test_answer answer;
	int connection = test_connect_tcp(intake->port);
	assert_true(connection >= 0);
	assert_true(test_send(connection, text, length));
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	int status = answer.status;
	test_answer_fini(&answer);
	(void)close(connection);
	return status;
}

static void several_requests_share_a_connection(void **state)
{
	struct test_intake *intake = *state;
	struct test_answer answer;
	int connection = test_connect_tcp(intake->port);
	for (int i = 0; i < 5; i++) {
		assert_true(test_send_request(connection, "POST", "/v1/events", key_1, TWO_EVENTS,
					      strlen(TWO_EVENTS)));
		test_read_answer(connection, &answer, TEST_PATIENCE_MS);
		assert_int_equal(answer.status, 200);
		assert_false(answer.closed);
		test_answer_fini(&answer);
	}
	(void)close(connection);
	assert_int_equal(test_intake_stat(intake, "requests"), 5);
}

static void requests_sent_at_once_are_answered_one_after_the_other(void **state)
{
	struct test_intake *intake = *state;
	static const char request[] =
		"POST /ndjson HTTP/1.1\r\nContent-Length: 15\r\n\r\n{\"eventId\":\"1\"}";
	int connection = test_connect_tcp(intake->port);
	for (int i = 0; i < 20; i++)
		assert_true(test_send_text(connection, request));
	assert_true(test_intake_await(intake, "requests", 20, TEST_PATIENCE_MS));
	assert_int_equal(test_intake_stat(intake, "duplicate_events"), 19);
	(void)close(connection);
}

static void a_body_may_come_in_chunks_a_byte_at_a_time(void **state)
{
	struct test_intake *intake = *state;
	static const char request[] =
		"POST /ndjson HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
		"9;extension=1\r\n{\"eventId\r\n6\r\n\":\"1\"}\r\n0\r\nTrailer: x\r\n\r\n";
	int connection = test_connect_tcp(intake->port);
	for (size_t i = 0; i < strlen(request); i++)
		assert_true(test_send(connection, request + i, 1));
	struct test_answer answer;
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"accepted\":1"));
	test_answer_fini(&answer);
	(void)close(connection);
}

static void who_expects_100_continue_is_told_to(void **state)
{
	struct test_intake *intake = *state;
	int connection = test_connect_tcp(intake->port);
	assert_true(test_send_text(connection, "POST /ndjson HTTP/1.1\r\nContent-Length: 15\r\n"
					       "Expect: 100-continue\r\n\r\n"));
	char interim[64] = "";
	assert_int_equal(read(connection, interim, sizeof(interim) - 1), 25);
	assert_string_equal(interim, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_true(test_send_text(connection, "{\"eventId\":\"1\"}"));
	struct test_answer answer;
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	assert_int_equal(answer.status, 200);
	test_answer_fini(&answer);
	(void)close(connection);
}

static void a_client_that_stops_sending_still_gets_its_answer(void **state)
{
	struct test_intake *intake = *state;
	test_intake_fail(intake, "{\"delay\":\"50ms\"}");
	int connection = test_connect_tcp(intake->port);
	assert_true(test_send_text(connection, "POST /ndjson HTTP/1.1\r\nContent-Length: 15\r\n\r\n"
					       "{\"eventId\":\"1\"}"));
	test_stop_sending(connection);
	struct test_answer answer;
	test_read_answer(connection, &answer, TEST_PATIENCE_MS);
	assert_int_equal(answer.status, 200);
	test_answer_fini(&answer);
	(void)close(connection);
}

static void what_is_not_http_is_refused(void **state)
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{"hello\r\n\r\n", 400},
		{"POST  /ndjson HTTP/1.1\r\n\r\n", 400},
		{"POST ndjson HTTP/1.1\r\n\r\n", 400},
		{"POST /ndjson HTTP/2.0\r\n\r\n", 505},
		{"POST /ndjson HTTP/1.1\nA: b\r\n\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nA : b\r\n\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nno colon\r\n\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		 400},
		{"POST /ndjson HTTP/1.1\r\nContent-Length: 16777217\r\n\r\n", 413},
		{"POST /ndjson HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
		{"POST /ndjson HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", 400},
		{"POST /ndjson HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n", 400},
		{"POST /ndjson HTTP/1.1\r\nExpect: miracles\r\n\r\n", 417},
	};
	struct test_intake *intake = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = talk(intake, cases[i].text, strlen(cases[i].text));
		if (status != cases[i].status)
			fail_msg("%d is answered to: %s", status, cases[i].text);
	}
	static const char nul[] = "GET / HTTP/1.1\r\nA: \0b\r\n\r\n";
	assert_int_equal(talk(intake, nul, sizeof(nul) - 1), 400);
	assert_int_equal(test_intake_stat(intake, "requests"), 0);
}

static void heads_that_are_too_large_are_refused(void **state)
{
	struct test_intake *intake = *state;
	char *text = malloc(200000);
	assert_non_null(text);
	size_t length = (size_t)snprintf(text, 200000, "POST /ndjson HTTP/1.1\r\nA: ");
	memset(text + length, 'x', 100000);
	assert_int_equal(talk(intake, text, length + 100000), 431);

	length = (size_t)snprintf(text, 200000, "POST /ndjson HTTP/1.1\r\n");
	for (int i = 0; i < 101; i++)
		length += (size_t)snprintf(text + length, 200000 - length, "A: b\r\n");
	length += (size_t)snprintf(text + length, 200000 - length, "\r\n");
	assert_int_equal(talk(intake, text, length), 431);
	free(text);
}

static void many_connections_are_served_at_once(void **state)
{
	enum { CONNECTIONS = 100 };
	struct test_intake *intake = *state;
	int connections[CONNECTIONS];
	for (int i = 0; i < CONNECTIONS; i++) {
		connections[i] = test_connect_tcp(intake->port);
		assert_true(connections[i] >= 0);
	}
	for (int i = 0; i < CONNECTIONS; i++)
		assert_true(test_send_request(connections[i], "POST", "/v1/events", key_1,
					      TWO_EVENTS, strlen(TWO_EVENTS)));
	for (int i = 0; i < CONNECTIONS; i++) {
		struct test_answer answer;
		test_read_answer(connections[i], &answer, TEST_PATIENCE_MS);
		assert_int_equal(answer.status, 200);
		test_answer_fini(&answer);
		(void)close(connections[i]);
	}
	assert_int_equal(test_intake_stat(intake, "requests"), CONNECTIONS);
	assert_int_equal(test_intake_stat(intake, "events_distinct"), 2);
}

#define WITH_INTAKE(test) \
	cmocka_unit_test_setup_teardown(test, test_intake_set_up, test_intake_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_INTAKE(gzip_and_deflate_bodies_are_unpacked),
		WITH_INTAKE(a_gzip_body_of_several_members_is_one_body),
		WITH_INTAKE(damaged_gzip_is_refused),
		WITH_INTAKE(a_small_body_that_unpacks_to_too_much_is_refused),
		WITH_INTAKE(several_requests_share_a_connection),
		WITH_INTAKE(requests_sent_at_once_are_answered_one_after_the_other),
		WITH_INTAKE(a_body_may_come_in_chunks_a_byte_at_a_time),
		WITH_INTAKE(who_expects_100_continue_is_told_to),
		WITH_INTAKE(a_client_that_stops_sending_still_gets_its_answer),
		WITH_INTAKE(what_is_not_http_is_refused),
		WITH_INTAKE(heads_that_are_too_large_are_refused),
		WITH_INTAKE(many_connections_are_served_at_once),
	};
	return cmocka_run_group_tests_name("intake_http", tests, NULL, NULL);
}

#include "support/test.h"

#include <string.h>

#include "ship/http_answer.h"
#include "ship/http_outcome.h"

/* ---- what libcurl's result means ---- */

static enum fr_outcome outcome_of(CURLcode code, bool was_sent)
{
	struct fr_http_facts facts = {.code = code, .was_sent = was_sent};

	return fr_http_outcome_of(&facts).outcome;
}

static void a_request_that_never_left_is_somebodys_known_fault(void **state)
{
	static const struct {
		CURLcode code;
		enum fr_outcome outcome;
	} rows[] = {
		{CURLE_UNSUPPORTED_PROTOCOL, FR_OUTCOME_LOCAL}, /* 1 */
		{CURLE_URL_MALFORMAT, FR_OUTCOME_LOCAL},
		{CURLE_NOT_BUILT_IN, FR_OUTCOME_LOCAL},
		{CURLE_COULDNT_RESOLVE_PROXY, FR_OUTCOME_OFFLINE}, /* 5 */
		{CURLE_COULDNT_RESOLVE_HOST, FR_OUTCOME_OFFLINE},
		{CURLE_COULDNT_CONNECT, FR_OUTCOME_OFFLINE},
		{CURLE_OPERATION_TIMEDOUT, FR_OUTCOME_OFFLINE},
		{CURLE_OUT_OF_MEMORY, FR_OUTCOME_OFFLINE},
		{CURLE_SSL_CONNECT_ERROR, FR_OUTCOME_TLS}, /* 35 */
		{CURLE_BAD_FUNCTION_ARGUMENT, FR_OUTCOME_LOCAL},
		{CURLE_SEND_ERROR, FR_OUTCOME_OFFLINE},
		{CURLE_RECV_ERROR, FR_OUTCOME_OFFLINE},
		{CURLE_SSL_CERTPROBLEM, FR_OUTCOME_LOCAL}, /* 58 */
		{CURLE_SSL_CIPHER, FR_OUTCOME_LOCAL},
		{CURLE_PEER_FAILED_VERIFICATION, FR_OUTCOME_TLS}, /* 60 */
		{CURLE_SSL_ENGINE_INITFAILED, FR_OUTCOME_LOCAL},
		{CURLE_SSL_CACERT_BADFILE, FR_OUTCOME_LOCAL}, /* 77 */
		{CURLE_SSL_ISSUER_ERROR, FR_OUTCOME_TLS},
		{CURLE_SSL_PINNEDPUBKEYNOTMATCH, FR_OUTCOME_TLS},
		{CURLE_SSL_INVALIDCERTSTATUS, FR_OUTCOME_TLS}, /* 91 */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(outcome_of(rows[i].code, false), rows[i].outcome);
}

static void once_a_byte_left_every_silence_is_ambiguous(void **state)
{
	static const CURLcode codes[] = {
		CURLE_OK,           CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY,
		CURLE_HTTP2,        CURLE_PARTIAL_FILE,         CURLE_OPERATION_TIMEDOUT,
		CURLE_GOT_NOTHING,  CURLE_SEND_ERROR,           CURLE_RECV_ERROR,
		CURLE_HTTP2_STREAM, CURLE_WRITE_ERROR,          CURLE_ABORTED_BY_CALLBACK,
		CURLE_OUT_OF_MEMORY};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof codes / sizeof codes[0]; i++)
		assert_int_equal(outcome_of(codes[i], true), FR_OUTCOME_AMBIGUOUS);
}

static void a_complete_head_is_an_answer_whatever_came_after(void **state)
{
	struct fr_http_facts facts = {
		.code = CURLE_OK, .status = 202, .head_complete = true, .was_sent = true};
	struct fr_http_outcome outcome = fr_http_outcome_of(&facts);

	(void)state;
	assert_int_equal(outcome.outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(outcome.status, 202);
	assert_false(outcome.body_incomplete);
	facts.code = CURLE_PARTIAL_FILE;
	outcome = fr_http_outcome_of(&facts);
	assert_int_equal(outcome.outcome, FR_OUTCOME_ANSWER);
	assert_true(outcome.body_incomplete);
	facts.head_complete = false;
	assert_int_equal(fr_http_outcome_of(&facts).outcome, FR_OUTCOME_AMBIGUOUS);
}

static void a_proxy_that_refuses_the_tunnel_sent_nothing_on(void **state)
{
	struct fr_http_facts facts = {
		.code = CURLE_RECV_ERROR, .was_sent = true, .connect_status = 407};

	(void)state;
	assert_int_equal(fr_http_outcome_of(&facts).outcome, FR_OUTCOME_ANSWER);
	assert_int_equal(fr_http_outcome_of(&facts).status, 407);
	facts.connect_status = 511;
	assert_int_equal(fr_http_outcome_of(&facts).status, 511);
	facts.connect_status = 502;
	assert_int_equal(fr_http_outcome_of(&facts).outcome, FR_OUTCOME_OFFLINE);
	facts.connect_status = 200;
	assert_int_equal(fr_http_outcome_of(&facts).outcome, FR_OUTCOME_AMBIGUOUS);
}

/* ---- the answer as it comes in ---- */

static bool head(struct fr_http_answer *answer, const char *line)
{
	return fr_http_answer_head(answer, line, strlen(line));
}

static void a_header_that_looks_like_a_status_line_changes_nothing(void **state)
{
	struct fr_http_answer answer;

	(void)state;
	fr_http_answer_init(&answer);
	assert_true(head(&answer, "HTTP/1.1 500 Oh\r\n"));
	assert_true(head(&answer, "HTTP/1.1 200 OK\r\n"));
	assert_false(answer.head_complete);
	assert_true(head(&answer, "\r\n"));
	assert_true(head(&answer, "HTTP/1.1 200 OK\r\n")); /* as a trailer */
	assert_int_equal(answer.status, 500);
	assert_true(answer.head_complete);
	fr_http_answer_fini(&answer);
}

static void status_lines_of_all_versions_are_read(void **state)
{
	static const struct {
		const char *line;
		int status;
	} rows[] = {
		{"HTTP/1.0 204 No Content\r\n", 204},
		{"HTTP/2 202 \r\n", 202},
		{"HTTP/2 503\r\n", 503},
		{"HTTP/3 200", 200},
		{"HTTP/1.1 20", 0},
		{"HTTP/1.1  200\r\n", 0},
		{"ICY 200 OK\r\n", 0},
		{"HTTP/1.1\r\n", 0},
		{"x", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fr_http_answer answer;

		fr_http_answer_init(&answer);
		assert_true(head(&answer, rows[i].line));
		assert_int_equal(answer.status, rows[i].status);
		fr_http_answer_fini(&answer);
	}
}

static void a_header_too_long_to_keep_says_nothing(void **state)
{
	struct fr_http_answer answer;
	char line[400] = "Retry-After: ";

	(void)state;
	fr_http_answer_init(&answer);
	memset(line + 13, '1', 200);
	assert_true(head(&answer, "HTTP/1.1 503 x\r\n"));
	assert_true(head(&answer, line));
	assert_string_equal(answer.retry_after, "");
	assert_true(fr_http_answer_head(&answer, "Date: a\0b\r\n", 11));
	assert_string_equal(answer.date, "");
	assert_true(head(&answer, "Retry-After:\t7 \r\n"));
	assert_string_equal(answer.retry_after, "7");
	assert_true(head(&answer, "Retry-After2: 9\r\n"));
	assert_true(head(&answer, "Retry-After\r\n"));
	assert_string_equal(answer.retry_after, "7");
	assert_true(fr_http_answer_head(&answer, "", 0));
	fr_http_answer_fini(&answer);
}

static void head_and_body_have_their_bounds(void **state)
{
	static char piece[65536];
	struct fr_http_answer answer;
	size_t fed = 0;

	(void)state;
	memset(piece, 'x', sizeof piece);
	fr_http_answer_init(&answer);
	assert_true(head(&answer, "HTTP/1.1 200 OK\r\n"));
	assert_false(fr_http_answer_head(&answer, piece, sizeof piece));
	while (fr_http_answer_body(&answer, piece, sizeof piece))
		fed += sizeof piece;
	assert_int_equal(fed, FR_ANSWER_MAX);
	assert_int_equal(answer.body.length, FR_ANSWER_MAX);
	assert_false(fr_http_answer_body(&answer, piece, 1));
	fr_http_answer_fini(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_that_never_left_is_somebodys_known_fault),
		cmocka_unit_test(once_a_byte_left_every_silence_is_ambiguous),
		cmocka_unit_test(a_complete_head_is_an_answer_whatever_came_after),
		cmocka_unit_test(a_proxy_that_refuses_the_tunnel_sent_nothing_on),
		cmocka_unit_test(a_header_that_looks_like_a_status_line_changes_nothing),
		cmocka_unit_test(status_lines_of_all_versions_are_read),
		cmocka_unit_test(a_header_too_long_to_keep_says_nothing),
		cmocka_unit_test(head_and_body_have_their_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

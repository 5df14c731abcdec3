#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "sink/answer.h"
#include "unit/sink_fixture.h"

static void a_header_given_again_gets_the_new_value(void **state)
{
	struct fr_request request;
	struct fr_error err = {0};

	(void)state;
	fr_request_init(&request, 0);
	assert_int_equal(fr_request_add_header(&request, "X-A", "1", NULL, &err), FR_OK);
	assert_int_equal(fr_request_add_header(&request, "X-B", "2", NULL, &err), FR_OK);
	assert_int_equal(fr_request_add_header(&request, "x-a", "3", "env:A", &err), FR_OK);
	assert_int_equal(request.header_count, 2);
	assert_string_equal(request.headers[0].value, "3");
	assert_string_equal(request.headers[0].origin, "env:A");
	fr_request_fini(&request);
	assert_int_equal(request.header_count, 0);
}

static void what_could_break_out_of_a_header_is_refused_without_showing_it(void **state)
{
	static const char *const names[] = {"", "A B", "A:", "A\r\nB", "\xc3\xa4"};
	static const char *const values[] = {"a\r\nb", "a\nb", "a\x7f", "\x01"};
	struct fr_request request;
	struct fr_error err = {0};
	size_t i;

	(void)state;
	fr_request_init(&request, 0);
	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_int_equal(fr_request_add_header(&request, names[i], "v", NULL, &err),
				 FR_INVALID);
	for (i = 0; i < sizeof values / sizeof values[0]; i++) {
		assert_int_equal(fr_request_add_header(&request, "X", values[i], NULL, &err),
				 FR_INVALID);
		assert_string_equal(err.text, "header X: the value has control characters");
	}
	assert_int_equal(request.header_count, 0);
	fr_request_fini(&request);
}

static void there_is_room_for_all_headers_of_a_config_and_an_end(void **state)
{
	struct fr_request request;
	struct fr_error err = {0};
	char name[16];
	int i;

	(void)state;
	assert_true((int)FR_REQUEST_HEADERS > (int)FR_SINK_HEADERS);
	fr_request_init(&request, 0);
	for (i = 0; i < FR_REQUEST_HEADERS; i++) {
		(void)snprintf(name, sizeof name, "X-%d", i);
		assert_int_equal(fr_request_add_header(&request, name, "", NULL, &err), FR_OK);
	}
	assert_int_equal(fr_request_add_header(&request, "X", "", NULL, &err), FR_TOO_LARGE);
	assert_int_equal(fr_request_add_header(&request, "x-31", "new", NULL, &err), FR_OK);
	fr_request_fini(&request);
}

static void expect_line(const char *text, size_t length, const char *expected)
{
	char out[17];

	fr_answer_line(out, sizeof out, text, length);
	assert_string_equal(out, expected);
}

static void an_answer_is_shown_as_one_harmless_line(void **state)
{
	(void)state;
	expect_line("plain", 5, "plain");
	expect_line("", 0, "");
	expect_line("a\r\nb\tc\x1b[2J\x7f\0z", 13, "a  b c [2J  z");
	expect_line("\xc2\x9b"
		    "31m",
		    5, " 31m");
	expect_line("\xff\xc3(\xe2\x82", 5, "?\?(?\?");
	expect_line("0123456789abcde\xc3\xb6", 17, "0123456789abcde");
	expect_line("0123456789abcd\xc3\xb6", 16, "0123456789abcd\xc3\xb6");
}

static void an_excerpt_is_the_first_512_bytes(void **state)
{
	struct fr_answer answer = {.content_type = "", .retry_after = "", .date = ""};
	char body[1000], out[FR_EXCERPT_TEXT];

	(void)state;
	memset(body, 'x', sizeof body);
	answer.body = body;
	answer.body_length = sizeof body;
	fr_answer_excerpt(&answer, out);
	assert_int_equal(strlen(out), 512);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_given_again_gets_the_new_value),
		cmocka_unit_test(what_could_break_out_of_a_header_is_refused_without_showing_it),
		cmocka_unit_test(there_is_room_for_all_headers_of_a_config_and_an_end),
		cmocka_unit_test(an_answer_is_shown_as_one_harmless_line),
		cmocka_unit_test(an_excerpt_is_the_first_512_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Lines of any length through a buffer that is a little larger than the longest one allowed. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/lines.h"

enum { LIMIT = 100 };

/* A file that holds these bytes, to be read from its beginning. */
static int file_of(const char *bytes, size_t length)
{
	FILE *file = tmpfile();
	int copy;

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fflush(file), 0);
	copy = dup(fileno(file));
	assert_true(copy >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(lseek(copy, 0, SEEK_SET), 0);
	return copy;
}

/* Expects the next line to be this one. */
static void expect_line(struct cli_lines *lines, const char *text)
{
	struct fr_error err = {0};
	const char *at = NULL;
	size_t length = 0;

	assert_int_equal(cli_lines_next(lines, true, &at, &length, &err), CLI_LINE);
	assert_int_equal(length, strlen(text));
	assert_memory_equal(at, text, length);
}

static void expect(struct cli_lines *lines, enum cli_line line)
{
	struct fr_error err = {0};
	const char *at = NULL;
	size_t length = 0;

	assert_int_equal(cli_lines_next(lines, true, &at, &length, &err), line);
}

static void lines_end_with_a_newline_or_with_the_input(void **state)
{
	struct cli_lines lines;
	int file = file_of("one\n\nthree", 10);

	(void)state;
	assert_int_equal(cli_lines_init(&lines, file, LIMIT, NULL), FR_OK);
	expect_line(&lines, "one");
	expect_line(&lines, "");
	expect_line(&lines, "three");
	assert_int_equal(lines.number, 3);
	expect(&lines, CLI_LINE_END);
	expect(&lines, CLI_LINE_END);
	cli_lines_fini(&lines);
	(void)close(file);
}

static void an_empty_input_has_no_line(void **state)
{
	struct cli_lines lines;
	int file = file_of("", 0);

	(void)state;
	assert_int_equal(cli_lines_init(&lines, file, LIMIT, NULL), FR_OK);
	expect(&lines, CLI_LINE_END);
	cli_lines_fini(&lines);
	(void)close(file);
}

static void a_line_may_be_as_long_as_the_limit_and_no_longer(void **state)
{
	char text[2 * LIMIT + 8], most[LIMIT + 1];
	struct cli_lines lines;
	int file;

	(void)state;
	memset(most, 'a', LIMIT);
	most[LIMIT] = '\0';
	(void)snprintf(text, sizeof text, "%s\n%sb\nlast", most, most);
	file = file_of(text, strlen(text));
	assert_int_equal(cli_lines_init(&lines, file, LIMIT, NULL), FR_OK);
	expect_line(&lines, most);
	expect(&lines, CLI_LINE_TOO_LONG);
	assert_int_equal(lines.number, 2);
	expect_line(&lines, "last");
	cli_lines_fini(&lines);
	(void)close(file);
}

enum { LINES = 5000, LONGEST = 180 };

/* The text of line i: its number and a tail of some length or other. */
static size_t line_make(char out[LONGEST + 16], int i)
{
	size_t tail = (size_t)i * 7919 % LONGEST;
	int length = snprintf(out, 16, "%d:", i);

	memset(out + length, 'x', tail);
	out[(size_t)length + tail] = '\0';
	return (size_t)length + tail;
}

/* Whatever the lengths, and wherever a read ends. */
static void every_line_comes_out_whole_once_and_in_order(void **state)
{
	char *text = malloc((size_t)LINES * (LONGEST + 17));
	char line[LONGEST + 16];
	struct cli_lines lines;
	size_t length = 0;
	int file;

	(void)state;
	assert_non_null(text);
	for (int i = 0; i < LINES; i++) {
		size_t one = line_make(line, i);

		memcpy(text + length, line, one);
		text[length + one] = '\n';
		length += one + 1;
	}
	file = file_of(text, length);
	free(text);
	assert_int_equal(cli_lines_init(&lines, file, LIMIT, NULL), FR_OK);
	for (int i = 0; i < LINES; i++) {
		if (line_make(line, i) > LIMIT)
			expect(&lines, CLI_LINE_TOO_LONG);
		else
			expect_line(&lines, line);
		assert_int_equal(lines.number, i + 1);
	}
	expect(&lines, CLI_LINE_END);
	assert_int_equal(lines.bytes, (long long)length);
	cli_lines_fini(&lines);
	(void)close(file);
}

static void who_does_not_want_to_wait_is_told(void **state)
{
	struct cli_lines lines;
	int ends[2];
	struct fr_error err = {0};
	const char *at = NULL;
	size_t length = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(cli_lines_init(&lines, ends[0], LIMIT, NULL), FR_OK);
	assert_int_equal(write(ends[1], "one\ntw", 6), 6);
	assert_int_equal(cli_lines_next(&lines, false, &at, &length, &err), CLI_LINE);
	assert_int_equal(cli_lines_next(&lines, false, &at, &length, &err), CLI_LINE_LATER);
	assert_int_equal(write(ends[1], "o\n", 2), 2);
	expect_line(&lines, "two");
	assert_int_equal(close(ends[1]), 0);
	expect(&lines, CLI_LINE_END);
	cli_lines_fini(&lines);
	(void)close(ends[0]);
}

static void a_signal_ends_it_before_the_next_line(void **state)
{
	volatile sig_atomic_t interrupted = 0;
	struct cli_lines lines;
	int file = file_of("one\ntwo\n", 8);

	(void)state;
	assert_int_equal(cli_lines_init(&lines, file, LIMIT, NULL), FR_OK);
	lines.interrupted = &interrupted;
	expect_line(&lines, "one");
	interrupted = SIGINT;
	expect(&lines, CLI_LINE_END);
	assert_int_equal(lines.number, 1);
	cli_lines_fini(&lines);
	(void)close(file);
}

static void an_input_that_cannot_be_read_is_a_failure(void **state)
{
	struct cli_lines lines;
	struct fr_error err = {0};
	const char *at = NULL;
	size_t length = 0;

	(void)state;
	assert_int_equal(cli_lines_init(&lines, -1, LIMIT, NULL), FR_OK);
	assert_int_equal(cli_lines_next(&lines, true, &at, &length, &err), CLI_LINE_FAILED);
	assert_int_equal(err.status, FR_IO);
	cli_lines_fini(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_end_with_a_newline_or_with_the_input),
		cmocka_unit_test(an_empty_input_has_no_line),
		cmocka_unit_test(a_line_may_be_as_long_as_the_limit_and_no_longer),
		cmocka_unit_test(every_line_comes_out_whole_once_and_in_order),
		cmocka_unit_test(who_does_not_want_to_wait_is_told),
		cmocka_unit_test(a_signal_ends_it_before_the_next_line),
		cmocka_unit_test(an_input_that_cannot_be_read_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

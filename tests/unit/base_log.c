/* A log line is one line, of bounded length, and is not even formatted when nobody wants it. */
#include "support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

struct heard {
	int lines;
	int level;
	char text[2048];
};

static void heard_write(void *context, int level, const char *text)
{
	struct heard *heard = context;

	heard->lines++;
	heard->level = level;
	(void)snprintf(heard->text, sizeof heard->text, "%s", text);
}

static struct fr_logger logger_of(struct heard *heard, enum fr_log_level most)
{
	*heard = (struct heard){0};
	return (struct fr_logger){.write = heard_write, .context = heard, .most = most};
}

static void a_line_is_an_event_and_its_values(void **state)
{
	struct heard heard;
	struct fr_logger log = logger_of(&heard, FR_LOG_INFO);

	(void)state;
	fr_log(&log, FR_LOG_INFO, "batch.acked", "sink=%s events=%u", "local", 7u);
	assert_string_equal(heard.text, "batch.acked sink=local events=7");
	assert_int_equal(heard.level, FR_LOG_INFO);
	fr_log(&log, FR_LOG_WARN, "agent.stopped", "%s", "");
	assert_string_equal(heard.text, "agent.stopped");
}

static void what_is_chattier_than_wanted_is_not_written(void **state)
{
	struct heard heard;
	struct fr_logger log = logger_of(&heard, FR_LOG_WARN);
	int formatted = 0;

	(void)state;
	fr_log(&log, FR_LOG_INFO, "a", "b%n", &formatted);
	assert_int_equal(heard.lines, 0);
	assert_int_equal(formatted, 0);
	fr_log(&log, FR_LOG_WARN, "a", "b");
	fr_log(&log, FR_LOG_ERROR, "a", "b");
	assert_int_equal(heard.lines, 2);
	fr_log(NULL, FR_LOG_ERROR, "a", "b");
	log.write = NULL;
	fr_log(&log, FR_LOG_ERROR, "a", "b");
	assert_int_equal(heard.lines, 2);
}

static void no_value_can_begin_a_line_of_its_own(void **state)
{
	struct heard heard;
	struct fr_logger log = logger_of(&heard, FR_LOG_INFO);

	(void)state;
	fr_log(&log, FR_LOG_INFO, "a", "text=%s", "x\nb forged=1\r\x1b[2J\x7f");
	assert_string_equal(heard.text, "a text=x b forged=1  [2J ");
}

static void a_line_that_is_too_long_ends_in_dots(void **state)
{
	struct heard heard;
	struct fr_logger log = logger_of(&heard, FR_LOG_INFO);
	char text[3000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	fr_log(&log, FR_LOG_INFO, "a", "%s", text);
	assert_int_equal(strlen(heard.text), 1023);
	assert_string_equal(heard.text + 1019, "x...");
}

static void a_programs_log_goes_to_standard_error_as_one_line(void **state)
{
	struct fr_logger log = fr_log_to_stderr(FR_LOG_INFO);
	char line[256] = "";
	int ends[2], kept;
	ssize_t length;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	kept = dup(STDERR_FILENO);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	fr_log(&log, FR_LOG_WARN, "sink.paused", "sink=%s", "local");
	assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
	length = read(ends[0], line, sizeof line - 1);
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(kept);
	assert_true(length > 28);
	assert_string_equal(line + 27, " warn sink.paused sink=local\n");
	assert_int_equal(line[26], 'Z');
}

static void levels_have_names(void **state)
{
	(void)state;
	assert_string_equal(fr_log_level_name(FR_LOG_ERROR), "error");
	assert_string_equal(fr_log_level_name(FR_LOG_WARN), "warn");
	assert_string_equal(fr_log_level_name(FR_LOG_INFO), "info");
	assert_string_equal(fr_log_level_name(FR_LOG_DEBUG), "debug");
	assert_string_equal(fr_log_level_name(9), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_an_event_and_its_values),
		cmocka_unit_test(what_is_chattier_than_wanted_is_not_written),
		cmocka_unit_test(no_value_can_begin_a_line_of_its_own),
		cmocka_unit_test(a_line_that_is_too_long_ends_in_dots),
		cmocka_unit_test(a_programs_log_goes_to_standard_error_as_one_line),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

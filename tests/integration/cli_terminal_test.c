/* flightrec on a terminal: progress, colours, questions. */
#define _XOPEN_SOURCE 700 /* pseudo-terminals */
#include "support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli_fixture.h"

/* Runs a shell command with a terminal for its standard error and output, and returns what that
 * showed. */
static char *terminal_run(struct cli_fixture *cli, const char *command, int *code)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);
	size_t length = 0, capacity = 1024 * 1024;
	char *text = calloc(1, capacity);
	pid_t child;
	int status;

	assert_non_null(text);
	assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int end = open(ptsname(terminal), O_RDWR);
		const char *argv[] = {"/bin/sh", "-c", command, NULL};

		(void)dup2(end, STDOUT_FILENO);
		(void)dup2(end, STDERR_FILENO);
		(void)execve(argv[0], (char *const *)(uintptr_t)argv,
			     (char *const *)(uintptr_t)cli->environment);
		_exit(127);
	}
	for (;;) {
		ssize_t got = read(terminal, text + length, capacity - 1 - length);

		if (got <= 0)
			break; /* EIO: the last one closed the other end */
		length += (size_t)got;
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	*code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	(void)close(terminal);
	return text;
}

static void a_hundred_thousand_lines_show_progress_and_are_quick(void **state)
{
	enum { LINES = 100000 };
	struct cli_fixture *cli = *state;
	char path[TEST_PATH_MAX], command[TEST_PATH_MAX * 3];
	long long began;
	char *shown;
	FILE *file;
	int code;

	cli_variable(cli, "PATH", "/usr/bin:/bin");
	cli_config(cli, "{\"queue\":{\"max_bytes\":\"256MiB\"}}");
	(void)test_folder_path(&cli->folder, "lines", path);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < LINES; i++)
		(void)fprintf(
			file,
			"{\"eventName\":\"tool_use\",\"toolName\":\"edit_file\",\"duration\":%d,"
			"\"path\":\"/home/x/src/some/file.c\"}\n",
			i);
	assert_int_equal(fclose(file), 0);
	(void)snprintf(command, sizeof command, "exec '%s' record - < '%s'", FLIGHTREC_CLI, path);
	began = test_now_ms();
	shown = terminal_run(cli, command, &code);
	began = test_now_ms() - began;
	print_message("%d lines in %lld ms\n", LINES, began);
	assert_int_equal(code, 0);
	assert_non_null(strstr(shown, " committed, 0 refused, "));
	assert_non_null(strstr(shown, " %"));
	assert_non_null(strstr(shown, "\r\033[Kcommitted 100,000 events, refused 0 lines\r\n"));
	free(shown);
	assert_int_equal(cli_ask(cli, "SELECT count(*) AS n FROM pending"), LINES);
	assert_true(began < (RUNS_SANITIZED ? 60000 : 20000));
}

static void there_is_no_progress_where_nobody_looks(void **state)
{
	struct cli_fixture *cli = *state;

	CLI_GIVEN(cli, "{\"eventName\":\"x\"}\n", 0, "record", "-");
	assert_null(strchr(cli_errors(cli), '\r'));
	assert_null(strchr(cli_output(cli), 0x1b));
}

static void colours_are_for_terminals(void **state)
{
	struct cli_fixture *cli = *state;
	char command[TEST_PATH_MAX * 2];
	char *shown;
	int code;

	CLI(cli, 0, "record", "x", "-s", "error");
	CLI(cli, 0, "ls");
	assert_null(strchr(cli_output(cli), 0x1b));
	CLI(cli, 0, "ls", "--color=always");
	assert_says(cli, "\033[31merror\033[0m");
	(void)snprintf(command, sizeof command, "exec '%s' ls", FLIGHTREC_CLI);
	shown = terminal_run(cli, command, &code);
	assert_non_null(strstr(shown, "\033[31merror\033[0m"));
	free(shown);
	cli_variable(cli, "NO_COLOR", "1");
	shown = terminal_run(cli, command, &code);
	assert_null(strchr(shown, 0x1b));
	free(shown);
	cli_variable(cli, "NO_COLOR", "");
	cli_variable(cli, "TERM", "dumb");
	shown = terminal_run(cli, command, &code);
	assert_null(strchr(shown, 0x1b));
	free(shown);
	CLI(cli, 2, "ls", "--color=maybe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)
		TEST(a_hundred_thousand_lines_show_progress_and_are_quick),
		TEST(there_is_no_progress_where_nobody_looks),
		TEST(colours_are_for_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The program `flightrec` in a world of a test's own: a folder that is its HOME, a home in it,
 * and only the environment that the test sets.
 *
 *      CLI(cli, 0, "record", "x");                      runs it and expects this exit code
 *      CLI_GIVEN(cli, "{...}\n", 1, "record", "-");     the same with standard input
 *      assert_says(cli, "recorded");                    on standard output
 */
#ifndef FR_TESTS_INTEGRATION_CLI_FIXTURE_H
#define FR_TESTS_INTEGRATION_CLI_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "support/folder.h"
#include "support/process.h"

enum { CLI_VARIABLES_MAX = 16 };

struct cli_fixture {
	struct test_folder folder;
	char home[TEST_PATH_MAX];
	char variables[CLI_VARIABLES_MAX][TEST_PATH_MAX + 32]; /* "NAME=value" */
	const char *environment[CLI_VARIABLES_MAX + 1];
	struct test_process *process; /* the last one that was run */
};

/* cmocka's set-up and tear-down: *state is the fixture. */
int cli_set_up(void **state);
int cli_tear_down(void **state);

/* "NAME=value"; "NAME=" takes it back. */
void cli_variable(struct cli_fixture *cli, const char *name, const char *value);

/* Writes <folder>/config.json and makes it the config of every later run. */
void cli_config(struct cli_fixture *cli, const char *json);

/* Runs it to its end and fails the test unless it ends with this code. words end with NULL. */
void cli_run(struct cli_fixture *cli, const char *input, size_t length, int code,
	     const char *const *words);
#define CLI(cli, code, ...) cli_run(cli, NULL, 0, code, (const char *const[]){__VA_ARGS__, NULL})
#define CLI_GIVEN(cli, input, code, ...) \
	cli_run(cli, input, 0, code, (const char *const[]){__VA_ARGS__, NULL})

/* Starts it and leaves it running; the caller frees. */
struct test_process *cli_start(struct cli_fixture *cli, bool keep_input_open,
			       const char *const *words);
#define CLI_START(cli, keep, ...) cli_start(cli, keep, (const char *const[]){__VA_ARGS__, NULL})

/* What the last run printed. */
const char *cli_output(struct cli_fixture *cli);
const char *cli_errors(struct cli_fixture *cli);

void assert_says(struct cli_fixture *cli, const char *text);
void assert_says_not(struct cli_fixture *cli, const char *text);
void assert_complains(struct cli_fixture *cli, const char *text);

/* One integer out of the queue. */
long long cli_ask(struct cli_fixture *cli, const char *sql);

#endif

#include "support/test.h"

#include "cli_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 32 };

int cli_set_up(void **state)
{
	struct cli_fixture *cli = calloc(1, sizeof *cli);

	assert_non_null(cli);
	test_folder_make(&cli->folder);
	(void)test_folder_path(&cli->folder, "home", cli->home);
	cli_variable(cli, "HOME", cli->folder.path);
	cli_variable(cli, "FLIGHTREC_HOME", cli->home);
	cli_variable(cli, "TZ", "UTC");
	*state = cli;
	return 0;
}

int cli_tear_down(void **state)
{
	struct cli_fixture *cli = *state;

	test_process_free(cli->process);
	test_folder_remove(&cli->folder);
	free(cli);
	return 0;
}

void cli_variable(struct cli_fixture *cli, const char *name, const char *value)
{
	size_t length = strlen(name);
	size_t at = 0;

	while (cli->environment[at] != NULL && (strncmp(cli->environment[at], name, length) != 0 ||
						cli->environment[at][length] != '='))
		at++;
	assert_true(at < CLI_VARIABLES_MAX);
	(void)snprintf(cli->variables[at], sizeof cli->variables[at], "%s=%s", name, value);
	cli->environment[at] = cli->variables[at];
}

void cli_config(struct cli_fixture *cli, const char *json)
{
	char path[TEST_PATH_MAX];

	test_folder_write(&cli->folder, "config.json", json);
	cli_variable(cli, "FLIGHTREC_CONFIG", test_folder_path(&cli->folder, "config.json", path));
}

static struct test_program program_of(struct cli_fixture *cli, const char **argv,
				      const char *const *words)
{
	size_t count = 0;

	argv[count++] = FLIGHTREC_CLI;
	for (size_t i = 0; words[i] != NULL; i++) {
		assert_true(count < WORDS_MAX - 1);
		argv[count++] = words[i];
	}
	argv[count] = NULL;
	return (struct test_program){
		.argv = argv, .environment = cli->environment, .folder = cli->folder.path};
}

void cli_run(struct cli_fixture *cli, const char *input, size_t length, int code,
	     const char *const *words)
{
	const char *argv[WORDS_MAX];
	struct test_program program = program_of(cli, argv, words);
	int ended;

	program.input = input;
	program.input_length = length;
	test_process_free(cli->process);
	cli->process = test_process_run(&program);
	ended = test_process_wait(cli->process, TEST_PATIENCE_MS);
	if (ended != code)
		fail_msg("flightrec %s %s: exit code %d, not %d\n%s%s", words[0],
			 words[0] != NULL && words[1] != NULL ? words[1] : "", ended, code,
			 cli_output(cli), cli_errors(cli));
}

struct test_process *cli_start(struct cli_fixture *cli, bool keep_input_open,
			       const char *const *words)
{
	const char *argv[WORDS_MAX];
	struct test_program program = program_of(cli, argv, words);

	program.keep_input_open = keep_input_open;
	return test_process_start(&program);
}

const char *cli_output(struct cli_fixture *cli)
{
	return test_process_output(cli->process);
}

const char *cli_errors(struct cli_fixture *cli)
{
	return test_process_errors(cli->process);
}

void assert_says(struct cli_fixture *cli, const char *text)
{
	if (strstr(cli_output(cli), text) == NULL)
		fail_msg("\"%s\" is not in the output:\n%s%s", text, cli_output(cli),
			 cli_errors(cli));
}

void assert_says_not(struct cli_fixture *cli, const char *text)
{
	if (strstr(cli_output(cli), text) != NULL)
		fail_msg("\"%s\" is in the output:\n%s", text, cli_output(cli));
}

void assert_complains(struct cli_fixture *cli, const char *text)
{
	if (strstr(cli_errors(cli), text) == NULL)
		fail_msg("\"%s\" is not among the errors:\n%s%s", text, cli_errors(cli),
			 cli_output(cli));
}

long long cli_ask(struct cli_fixture *cli, const char *sql)
{
	const char *line;

	CLI(cli, 0, "sql", "--csv", sql);
	line = strchr(cli_output(cli), '\n');
	assert_non_null(line);
	return strtoll(line + 1, NULL, 10);
}

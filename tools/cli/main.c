/* From the command line to a command and back to an exit code: find the command among the common
 * options, take its own options and operands, resolve the home, run it, and see that what it
 * printed really was written.
 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli.h"
#include "output.h"

bool cli_is_given(const struct cli *cli, const char *option)
{
	return cli_value(cli, option) != NULL;
}

const char *cli_value(const struct cli *cli, const char *option)
{
	return cli_arguments_value(&cli->arguments, option);
}

/* The command itself is the first operand. */
const char *cli_operand(const struct cli *cli, int index)
{
	return index + 1 < cli->arguments.operand_count ? cli->arguments.operands[index + 1] : NULL;
}

int cli_operand_count(const struct cli *cli)
{
	return cli->arguments.operand_count - 1;
}

static void line_complain(const char *format, va_list values)
{
	char text[2048];
	int length = vsnprintf(text, sizeof text, format, values);

	if (length < 0)
		return;
	(void)fflush(stdout);
	(void)fputs("flightrec: ", stderr);
	cli_print_visible(stderr, text, strlen(text), false);
	(void)fputc('\n', stderr);
}

void cli_complain(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	line_complain(format, values);
	va_end(values);
}

int cli_misused(const struct cli *cli, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	line_complain(format, values);
	va_end(values);
	if (cli->command != NULL)
		(void)fprintf(stderr, "Try: flightrec %s --help\n", cli->command->name);
	else
		(void)fputs("Try: flightrec --help\n", stderr);
	return CLI_USAGE;
}

int cli_failed(const struct fr_error *err)
{
	cli_complain("%s", err->text[0] != '\0' ? err->text : fr_status_text(err->status));
	return err->status == FR_BUSY || err->status == FR_FULL ? CLI_AGAIN : CLI_WRONG;
}

/* What the layers below log, from warnings up. */
static void on_log(void *context, int level, const char *text)
{
	(void)context;
	cli_complain("%s: %s", fr_log_level_name(level), text);
}

static bool color_is_welcome(const struct fr_env *env)
{
	const char *terminal = fr_env_variable(env, "TERM");

	return fr_env_variable(env, "NO_COLOR") == NULL &&
	       (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static int color_choose(struct cli *cli)
{
	const char *when = cli_value(cli, "color");

	if (when == NULL || strcmp(when, "auto") == 0)
		cli->color = cli->terminal && color_is_welcome(&cli->env);
	else if (strcmp(when, "always") == 0)
		cli->color = true;
	else if (strcmp(when, "never") != 0)
		return cli_misused(cli, "--color \"%s\": auto, always or never", when);
	return CLI_DONE;
}

static int operands_take(struct cli *cli)
{
	const struct cli_command *command = cli->command;
	struct fr_error err = {0};
	enum fr_status status;
	int count;

	cli_arguments_know(&cli->arguments, command->options);
	do
		status = cli_arguments_next(&cli->arguments, &err);
	while (status == FR_OK);
	count = cli_operand_count(cli);
	if (status != FR_NONE)
		return cli_misused(cli, "%s", err.text);
	if (cli_is_given(cli, "help"))
		return CLI_DONE;
	if (command->most >= 0 && count > command->most)
		return cli_misused(cli, "%s: \"%s\" is more than it takes", command->name,
				   cli_operand(cli, command->most));
	if (count < command->least)
		return cli_misused(cli, "%s: %s is missing", command->name, command->operands);
	return CLI_DONE;
}

static int command_run(struct cli *cli)
{
	struct fr_error err = {0};
	enum fr_status status;
	int code = operands_take(cli);

	if (code == CLI_DONE)
		code = color_choose(cli);
	if (code != CLI_DONE)
		return code;
	if (cli_is_given(cli, "help")) {
		cli_help_command(cli->command);
		return CLI_DONE;
	}
	cli->json = cli_is_given(cli, "json");
	status = fr_home_resolve(&cli->home, &cli->env, cli_value(cli, "app"),
				 cli_value(cli, "home"), cli_value(cli, "config"), &err);
	if (status == FR_INVALID)
		return cli_misused(cli, "%s", err.text);
	if (status != FR_OK)
		return cli_failed(&err);
	return cli->command->run(cli);
}

int cli_run_beside(const struct cli *cli, int count, const char *const *words)
{
	const char **operands = calloc((size_t)count + 1, sizeof *operands);
	struct cli other = {.env = cli->env, .home = cli->home};
	struct fr_error err = {0};
	int code = CLI_WRONG;

	cli_arguments_init(&other.arguments, count, words, operands);
	cli_arguments_know(&other.arguments, cli_common_options);
	if (operands != NULL && cli_arguments_next(&other.arguments, &err) == FR_OK) {
		other.command = cli_command_find(other.arguments.operands[0]);
		assert(other.command != NULL);
		code = operands_take(&other);
		other.json = cli_is_given(&other, "json");
		if (code == CLI_DONE)
			code = other.command->run(&other);
	}
	free(operands);
	return code;
}

static int command_choose(struct cli *cli)
{
	struct fr_error err = {0};
	enum fr_status status = cli_arguments_next(&cli->arguments, &err);
	const char *name;

	if (status != FR_OK && status != FR_NONE)
		return cli_misused(cli, "%s", err.text);
	if (cli_is_given(cli, "version")) {
		(void)puts("flightrec " FR_VERSION);
		return CLI_DONE;
	}
	if (status == FR_NONE) {
		cli_help_short();
		return CLI_DONE;
	}
	name = cli->arguments.operands[0];
	cli->command = cli_command_find(name);
	if (cli->command == NULL) {
		const char *near = cli_command_near(name);

		return near == NULL
			       ? cli_misused(cli, "there is no command \"%s\"", name)
			       : cli_misused(cli, "there is no command \"%s\": did you mean %s?",
					     name, near);
	}
	return command_run(cli);
}

/* A full disk or a closed pipe behind standard output is a failure like any other. */
static int output_check(int code)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return code;
	cli_complain("cannot write to standard output: %s", strerror(errno));
	return code == CLI_DONE ? CLI_WRONG : code;
}

int main(int argc, char **argv)
{
	const char **operands = calloc((size_t)argc + 1, sizeof *operands);
	struct cli cli = {0};
	int code;

	if (operands == NULL) {
		cli_complain("%s", fr_status_text(FR_NOMEM));
		return CLI_WRONG;
	}
	(void)umask(077);
	fr_env_real(&cli.env);
	cli.env.log = (struct fr_logger){.write = on_log, .most = FR_LOG_WARN};
	cli.terminal = isatty(STDOUT_FILENO) == 1;
	cli_arguments_init(&cli.arguments, argc, (const char *const *)argv, operands);
	cli_arguments_know(&cli.arguments, cli_common_options);
	code = output_check(command_choose(&cli));
	free(operands);
	return code;
}

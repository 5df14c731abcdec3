/* Help is printed from the tables of commands and options, so that it cannot say what is not so. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

const struct cli_option cli_common_options[] = {
	{"home", 0, "DIR", "the folder of the queue (else $FLIGHTREC_HOME, else the app's own)"},
	{"app", 0, "NAME", "whose queue (else $FLIGHTREC_APP, else \"default\")"},
	{"config", 0, "FILE", "the config (else $FLIGHTREC_CONFIG, else the app's own)"},
	{"json", 0, NULL, "output for programs"},
	{"color", 0, "WHEN", "auto (default), always or never"},
	{"help", 'h', NULL, "this help"},
	{"version", 0, NULL, "the version"},
	{0},
};

static void options_print(const struct cli_option *options)
{
	for (; options != NULL && options->name != NULL; options++) {
		char left[64];

		(void)snprintf(left, sizeof left, "--%s%s%s", options->name,
			       options->value != NULL ? " " : "",
			       options->value != NULL ? options->value : "");
		if (options->letter != 0)
			(void)printf("  -%c, %-22s %s\n", options->letter, left, options->help);
		else
			(void)printf("      %-22s %s\n", left, options->help);
	}
}

void cli_help_short(void)
{
	(void)puts("flightrec - record events, look at what is queued, decide what leaves this "
		   "machine\n\n"
		   "Usage: flightrec [OPTION ...] COMMAND [ARGUMENT ...]\n");
	for (size_t i = 0; cli_commands[i] != NULL; i++)
		(void)printf("  %-9s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
	(void)puts("\nOptions of every command, before or after it:");
	options_print(cli_common_options);
	(void)puts(
		"\nExit codes: 0 done, 1 something is wrong, 2 wrong usage, 75 try again later.\n"
		"More: flightrec help COMMAND, man flightrec");
}

void cli_help_command(const struct cli_command *command)
{
	(void)printf("Usage: flightrec %s [OPTION ...]%s%s\n\n%s\n", command->name,
		     command->operands[0] != '\0' ? " " : "", command->operands, command->help);
	if (command->options != NULL) {
		(void)puts("\nOptions:");
		options_print(command->options);
	}
	(void)puts("\nOptions of every command:");
	options_print(cli_common_options);
}

static int help_run(struct cli *cli)
{
	const char *name = cli_operand(cli, 0);
	const struct cli_command *command;

	if (name == NULL) {
		cli_help_short();
		return CLI_DONE;
	}
	command = cli_command_find(name);
	if (command == NULL)
		return cli_misused(cli, "there is no command \"%s\"", name);
	cli_help_command(command);
	return CLI_DONE;
}

const struct cli_command cmd_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "explain a command",
	.help = "Explains a command and its options, with examples.",
	.most = 1,
	.run = help_run,
};

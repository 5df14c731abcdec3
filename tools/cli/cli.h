/* What the commands of `flightrec` share: who calls, which home, which options, how to end.
 *
 * A command is data, `const struct cli_command cmd_<name>`, in a file of its own, cmd_<name>.c;
 * commands.c lists them. Its function returns the exit code of the program.
 * Threads: one. Life: filled by main before a command runs; a command owns what it opens itself.
 */
#ifndef FLIGHTREC_CLI_CLI_H
#define FLIGHTREC_CLI_CLI_H

#include <stdbool.h>

#include "base/env.h"
#include "base/home.h"
#include "base/status.h"
#include "options.h"

enum cli_exit {
	CLI_DONE = 0,
	CLI_WRONG = 1,
	CLI_USAGE = 2,
	CLI_AGAIN = 75,
};

struct cli;

struct cli_command {
	const char *name;
	const char *operands; /* as the usage line shows them: "NAME [KEY=VALUE ...]" */
	const char *summary;  /* one line, for the list of commands */
	const char *help;     /* what else to know, examples last */
	const struct cli_option
		*options; /* ended by one without a name; NULL: only the common ones */
	int least, most;  /* operands; most -1: any number */
	int (*run)(struct cli *cli);
};

struct cli {
	struct fr_env env;
	struct fr_home home;
	const struct cli_command *command;
	struct cli_arguments arguments;
	bool json;
	bool color;    /* standard output takes colours */
	bool terminal; /* standard output is one */
};

/* Shorthands for the options and operands of the running command. */
bool cli_is_given(const struct cli *cli, const char *option);
const char *cli_value(const struct cli *cli, const char *option); /* NULL: not given */
const char *cli_operand(const struct cli *cli, int index);        /* NULL: not given */
int cli_operand_count(const struct cli *cli);

/* One line on standard error, "flightrec: ..."; what would disturb a terminal is escaped. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and where to read on; returns CLI_USAGE. */
int cli_misused(const struct cli *cli, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says what failed and returns the exit code that goes with it: CLI_AGAIN for what passes by
 * itself, else CLI_WRONG. */
int cli_failed(const struct fr_error *err);

/* How long a command waits for a queue that others write to: longer than a host program would. */
enum { CLI_BUSY_MS = 5000 };

/* Runs another command on the home of this one, without colours; words are an argv, the program's
 * name first. Its exit code. */
int cli_run_beside(const struct cli *cli, int count, const char *const *words);

/* commands.c: every command, in the order of the help, ended by NULL. */
extern const struct cli_command *const cli_commands[];
const struct cli_command *cli_command_find(const char *name);

/* The name of the command that was probably meant; NULL when none is near. */
const char *cli_command_near(const char *name);

extern const struct cli_command cmd_apps, cmd_config, cmd_consent, cmd_dead, cmd_export, cmd_flush,
	cmd_help, cmd_ls, cmd_preview, cmd_purge, cmd_record, cmd_report, cmd_sent, cmd_show,
	cmd_sql, cmd_status, cmd_tail, cmd_verify, cmd_whoami;

/* help.c */
extern const struct cli_option cli_common_options[];
void cli_help_short(void);
void cli_help_command(const struct cli_command *command);

#endif

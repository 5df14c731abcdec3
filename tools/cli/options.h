/* The command line as options and operands. Tables say which options there are; parsing, --help
 * and messages come from them.
 *
 * Options stand anywhere among the operands; "--" ends them; a lone "-" is an operand. `--name
 * value`, `--name=value`, `-n value` and `-nvalue` are the same. What is given twice counts as
 * last given.
 */
#ifndef FLIGHTREC_CLI_OPTIONS_H
#define FLIGHTREC_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "event/severity.h"

struct cli_option {
	const char *name;  /* without its dashes; NULL ends a table */
	char letter;       /* 0: none */
	const char *value; /* what it takes, as help shows it; NULL: nothing, it is a switch */
	const char *help;
};

enum { CLI_OPTIONS_MAX = 24 };

/* What was given. Strings borrow from argv. */
struct cli_arguments {
	const struct cli_option *known[CLI_OPTIONS_MAX];
	const char *values[CLI_OPTIONS_MAX]; /* "" for a switch, NULL where not given */
	size_t known_count;
	const char *const *argv;
	int argc;
	int at;                /* next of argv to look at */
	bool ended;            /* "--" was seen */
	const char **operands; /* room for argc of them */
	int operand_count;
};

/* operands is the caller's memory, argc entries. */
void cli_arguments_init(struct cli_arguments *arguments, int argc, const char *const *argv,
			const char **operands);

/* Adds a table to what is understood from here on. NULL adds nothing. */
void cli_arguments_know(struct cli_arguments *arguments, const struct cli_option *options);

/* Takes everything up to and with the next operand. FR_NONE when no operand was left. */
enum fr_status cli_arguments_next(struct cli_arguments *arguments, struct fr_error *err);

/* NULL when the option was not given; asking for one that no table has is a programmer's error. */
const char *cli_arguments_value(const struct cli_arguments *arguments, const char *name);

/* Values; the message names the option and says what would be right. */
enum fr_status cli_parse_count(const char *option, const char *text, int64_t most, int64_t *out,
			       struct fr_error *err);
enum fr_status cli_parse_duration(const char *option, const char *text, int64_t *ms,
				  struct fr_error *err);
enum fr_status cli_parse_severity(const char *option, const char *text, enum fr_severity *out,
				  struct fr_error *err);
enum fr_status cli_parse_time(const char *option, const char *text, int64_t *wall_us,
			      struct fr_error *err);

#endif

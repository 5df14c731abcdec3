/* Asking before something is deleted. Only a person at a terminal can be asked. */
#ifndef FLIGHTREC_CLI_CONFIRM_H
#define FLIGHTREC_CLI_CONFIRM_H

#include <stdbool.h>

struct cli;

/* Must somebody be asked? Not with --yes. Where nobody can be says so and returns CLI_USAGE. */
int cli_confirm_need(const struct cli *cli, bool *must_ask);

/* Puts the question. CLI_WRONG: no, and that nothing was deleted was said. */
int cli_confirm(const char *question);

#endif

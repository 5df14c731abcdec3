/* flightrec dead: what its four parts share. */
#ifndef FLIGHTREC_CLI_DEAD_H
#define FLIGHTREC_CLI_DEAD_H

#include "queue/inspect.h"

struct cli;

/* Each returns the exit code. */
int dead_ls(const struct cli *cli);
int dead_show(const struct cli *cli);
int dead_retry(const struct cli *cli);
int dead_purge(const struct cli *cli);

/* Fills the filter from --sink, --name, --since and --before; on a wrong value says so and returns
 * CLI_USAGE. */
int dead_filter_parse(const struct cli *cli, struct fr_letter_filter *filter);

/* A letter is named by its number; on anything else says so and returns CLI_USAGE. */
int dead_id_parse(const struct cli *cli, const char *text, int64_t *id);

#endif

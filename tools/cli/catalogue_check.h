/* flightrec config check --catalogue: what a catalogue declares, and what it lacks. */
#ifndef FLIGHTREC_CLI_CATALOGUE_CHECK_H
#define FLIGHTREC_CLI_CATALOGUE_CHECK_H

struct cli;

/* Prints it as a table, with --markdown as a page to publish, with --json for programs; complains
 * about each lack. Returns the exit code: 1 when it is wrong or lacks something. */
int cli_catalogue_check(const struct cli *cli, const char *file);

#endif

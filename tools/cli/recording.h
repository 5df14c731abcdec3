/* Recording from the tool: by the same rules and the same way as a program that embeds the
 * library. */
#ifndef FLIGHTREC_CLI_RECORDING_H
#define FLIGHTREC_CLI_RECORDING_H

#include "client/import.h"

struct cli;

/* A recorder for this home, by the command's --service, --service-version and --durability. On
 * failure says why and returns the exit code. */
int cli_recorder_open(const struct cli *cli, flightrec **out);

/* "not recorded: off: DO_NOT_TRACK is set": the reason as people want to hear it. */
const char *cli_refusal(const flightrec *recorder, const struct fr_error *err);

/* "ok", "off", "too_large", ...: a status for programs. */
const char *cli_status_word(enum fr_status status);

/* record_lines.c: `flightrec record -`. */
int cli_record_lines(const struct cli *cli, flightrec *recorder);

#endif

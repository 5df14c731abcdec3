/* What became of the lines that were to be recorded: counted, named where they were refused, and
 * told at the end.
 *
 * Life: init, any number of notes, tell, fini.
 */
#ifndef FLIGHTREC_CLI_TALLY_H
#define FLIGHTREC_CLI_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "json_out.h"
#include "progress.h"

struct cli;

struct cli_tally {
	const struct cli *cli;
	struct cli_progress progress;
	int64_t committed, refused;
	int64_t removed;     /* properties left out of committed events */
	bool is_uncertain;   /* committed, but not on stable storage */
	int64_t stopped_at;  /* first line that was neither committed nor refused; 0: none */
	struct fr_error why; /* it stopped there */
	struct cli_json refusals;
};

/* input: the descriptor that is read, for the progress. */
void cli_tally_init(struct cli_tally *tally, const struct cli *cli, int input);
void cli_tally_fini(struct cli_tally *tally);

/* A line that is left out. People are told at once. */
void cli_tally_refuse(struct cli_tally *tally, int64_t line, const char *reason);

/* The flush of the disk failed; said once. */
void cli_tally_doubt(struct cli_tally *tally, int64_t line, const struct fr_error *err);

/* Nothing from this line on. */
void cli_tally_stop(struct cli_tally *tally, int64_t line, const struct fr_error *why);

/* The last word; lines: how many there were. Returns the exit code. */
int cli_tally_tell(struct cli_tally *tally, int64_t lines);

#endif

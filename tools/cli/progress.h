/* How far a long run has come: one line on standard error, redrawn now and then, gone at the end.
 * Only on a terminal.
 */
#ifndef FLIGHTREC_CLI_PROGRESS_H
#define FLIGHTREC_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"

struct cli_progress {
	const struct fr_env *env;
	bool is_shown; /* standard error is a terminal */
	bool is_drawn; /* the line stands there now */
	int64_t begun_us;
	int64_t drawn_us;
	int64_t total; /* bytes of the input, 0: unknown */
};

/* fd: the input, for its size. */
void cli_progress_begin(struct cli_progress *progress, const struct fr_env *env, int fd);

/* Redraws if the last time was long enough ago. */
void cli_progress_show(struct cli_progress *progress, int64_t committed, int64_t refused,
		       int64_t bytes);

/* Before anything else is written to standard error. */
void cli_progress_clear(struct cli_progress *progress);

#endif

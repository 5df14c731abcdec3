/* Lines of a stream of any length and any content, in bounded memory.
 *
 * A line that is longer than the limit is skipped to its end and reported as such; it is never
 * held. A last line without its newline is a line. Bytes are handed over as they are, NULs
 * included.
 * Life: init, next..., fini. Texts are borrowed until the next call.
 */
#ifndef FLIGHTREC_CLI_LINES_H
#define FLIGHTREC_CLI_LINES_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct cli_lines {
	int fd;
	size_t limit; /* bytes of one line */
	char *buffer;
	size_t capacity;
	size_t start;   /* of the next line */
	size_t scanned; /* no newline between start and here */
	size_t end;
	bool has_ended;
	bool is_skipping;                         /* the rest of a line that is too long */
	int64_t number;                           /* of the line last handed over, from 1 */
	int64_t bytes;                            /* read so far */
	const volatile sig_atomic_t *interrupted; /* set by a signal: the stream ends */
};

enum cli_line {
	CLI_LINE,
	CLI_LINE_TOO_LONG,
	CLI_LINE_LATER, /* nothing there now, and the caller does not want to wait */
	CLI_LINE_END,
	CLI_LINE_FAILED,
};

enum fr_status cli_lines_init(struct cli_lines *lines, int fd, size_t limit, struct fr_error *err);
void cli_lines_fini(struct cli_lines *lines);

enum cli_line cli_lines_next(struct cli_lines *lines, bool may_wait, const char **text,
			     size_t *length, struct fr_error *err);

#endif

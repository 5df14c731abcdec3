/* A report to attach to a bug report: what the tool's own commands say of this home, as one text
 * file that any editor opens, scrubbed as a whole.
 *
 * Life: report_make, then report_fini, also after a failure.
 */
#ifndef FLIGHTREC_CLI_REPORT_H
#define FLIGHTREC_CLI_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "event/uuid.h"

struct cli;

enum { REPORT_PARTS = 5, REPORT_SERVICE = 64 };

struct report {
	char session[FR_UUID_TEXT]; /* the one that was heard of last; "" when there is none */
	char service[REPORT_SERVICE];
	int64_t heard_us;
	struct {
		const char *title;
		size_t lines;
	} parts[REPORT_PARTS];
	size_t part_count;
	struct fr_buffer text; /* scrubbed */
};

/* Of what was recorded in the last so many milliseconds. FR_NONE: nothing was ever recorded. */
enum fr_status report_make(struct report *report, const struct cli *cli, int64_t last_ms,
			   struct fr_error *err);
void report_fini(struct report *report);

#endif

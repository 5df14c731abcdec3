/* How long an outage of the sinks may last before the queue drops anything, at the pace of late. */
#ifndef FLIGHTREC_CLI_OUTAGE_H
#define FLIGHTREC_CLI_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/inspect.h"

/* The pace is that of the last day. */
#define CLI_PACE_US (INT64_C(24) * 3600 * 1000000)

struct cli_outage {
	bool is_known;       /* false: nothing was recorded lately */
	bool is_age_the_end; /* events get too old before the room is used up */
	int64_t hold_ms;     /* INT64_MAX: for ever, as far as anybody can tell */
	int64_t per_hour;    /* events recorded, rounded up */
	int64_t event_bytes; /* what one takes */
};

/* Pure. room_bytes: what the queue may grow by; max_age_ms 0: events never get too old. */
void cli_outage_reckon(struct cli_outage *out, const struct fr_queue_pace *pace, int64_t now_us,
		       int64_t room_bytes, int64_t max_age_ms);

/* "about 9 h", "more than a year", "unknown: nothing was recorded lately". Returns out. */
const char *cli_outage_text(const struct cli_outage *outage, char out[64]);

#endif

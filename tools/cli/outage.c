#include "outage.h"

#include <stdio.h>

#include "output.h"

enum {
	EVENT_BYTES_USUAL = 512, /* when none is there to be measured */
	HOUR_MS = 3600 * 1000,
	SPAN_LEAST_MS = 10 * 60 * 1000, /* a burst of a minute is no pace */
};

#define YEAR_MS (INT64_C(365) * 24 * HOUR_MS)

/* Over how long the events came. */
static int64_t span_ms(const struct fr_queue_pace *pace, int64_t now_us)
{
	int64_t span = (now_us - pace->known_since_us) / 1000;

	if (span > CLI_PACE_US / 1000)
		return CLI_PACE_US / 1000;
	return span < SPAN_LEAST_MS ? SPAN_LEAST_MS : span;
}

void cli_outage_reckon(struct cli_outage *out, const struct fr_queue_pace *pace, int64_t now_us,
		       int64_t room_bytes, int64_t max_age_ms)
{
	double bytes_per_ms, hold_ms;
	int64_t span;

	*out = (struct cli_outage){.is_known = pace->recorded > 0};
	if (!out->is_known)
		return;
	span = span_ms(pace, now_us);
	out->event_bytes = pace->event_bytes > 0 ? pace->event_bytes : EVENT_BYTES_USUAL;
	out->per_hour = (int64_t)((double)pace->recorded * HOUR_MS / (double)span) + 1;
	bytes_per_ms = (double)pace->recorded * (double)out->event_bytes / (double)span;
	hold_ms = (room_bytes > 0 ? (double)room_bytes : 0.0) / bytes_per_ms;
	out->hold_ms = hold_ms < (double)YEAR_MS ? (int64_t)hold_ms : INT64_MAX;
	if (max_age_ms > 0 && max_age_ms < out->hold_ms) {
		out->hold_ms = max_age_ms;
		out->is_age_the_end = true;
	}
}

const char *cli_outage_text(const struct cli_outage *outage, char out[64])
{
	char time[CLI_NUMBER_TEXT];

	if (!outage->is_known)
		(void)snprintf(out, 64, "unknown: nothing was recorded lately");
	else if (outage->hold_ms >= YEAR_MS)
		(void)snprintf(out, 64, "more than a year");
	else
		(void)snprintf(out, 64, "about %s", cli_duration(time, outage->hold_ms));
	return out;
}

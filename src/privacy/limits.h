/* A brake for runaway loops: one token bucket per event name, and the count of what it refused.
 *
 * A name may be recorded `burst` times at once and `per_second` times a second after that; 0 for
 * either means no limit at all. Names beyond the 1,024th share one bucket, which is reported as
 * "*".
 *
 * Invariants: nothing is refused without being counted; a count is forgotten only by
 * fr_limits_reported or fr_limits_forget, so a report that could not be recorded is part of the
 * next, a minute later: a queue that is locked or full is not tried again by every call of a loop.
 * Threads: the owner serialises; between a report and its commit others may be refused. The clock
 * is passed in: the boot clock, in microseconds.
 *
 * How the recorder uses it, before anything else costs time:
 *      if (!fr_limits_take(limits, name, now_us))
 *              status = FLIGHTREC_LIMITED;
 *      if (fr_limits_report_is_due(limits, now_us)) {
 *              fr_limits_report(limits, now_us, &properties);
 *              record "flightrec.suppressed" with these properties, past the limits;
 *              once it is committed: fr_limits_reported(limits);
 *      }
 * and at close the same when fr_limits_suppressed is not 0. A fork child calls fr_limits_forget
 * first: what its parent refused is its parent's to report.
 */
#ifndef FR_PRIVACY_LIMITS_H
#define FR_PRIVACY_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"

enum {
	FR_LIMITS_NAMES_MAX = 1024,
	FR_LIMITS_REPORT_NAMES = 16,
	FR_LIMITS_BURST_MAX = 1000000000,
	FR_LIMITS_PER_SECOND_MAX = 1000000000,
};

struct fr_limits;

/* NULL when memory is short. */
struct fr_limits *fr_limits_new(unsigned burst, unsigned per_second);
void fr_limits_free(struct fr_limits *limits);

/* May an event of this name be recorded now? Counts it where not. Without memory for a new name
 * it shares the bucket of the many. */
bool fr_limits_take(struct fr_limits *limits, const char *name, int64_t now_us);

/* From now on reports say "(internal)" in place of this name: a report may go to public sinks. */
void fr_limits_conceal(struct fr_limits *limits, const char *name);

/* How many events were refused that no report has told. */
uint64_t fr_limits_suppressed(const struct fr_limits *limits);

/* True at most once a minute, and only when something was refused. */
bool fr_limits_report_is_due(const struct fr_limits *limits, int64_t now_us);

/* Appends the properties of the report as a JSON object:
 * {"count":812,"names":2,"most":[{"name":"retry", "count":800},{"name":"poll","count":12}]};
 * most has the 16 names that were refused most often. The next is due in a minute at the earliest,
 * whatever becomes of this one. */
void fr_limits_report(struct fr_limits *limits, int64_t now_us, struct fr_buffer *out);

/* The last report is committed: what it told is no longer counted. */
void fr_limits_reported(struct fr_limits *limits);

/* Drops the counts unreported. The buckets stay as full or empty as they are. */
void fr_limits_forget(struct fr_limits *limits);

#endif

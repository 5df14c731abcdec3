/* How long to wait after a failure: exponential, with jitter also at the cap, so that a fleet never
 * marches in step.
 *
 * d = min(cap, initial * 2^n), wait = uniform(d/2, d); n falls by 2 per success rather than to 0.
 * Pure: the random number comes from the caller.
 */
#ifndef FR_SHIP_BACKOFF_H
#define FR_SHIP_BACKOFF_H

#include <stdint.h>

struct fr_backoff {
	int64_t initial_ms;
	int64_t cap_ms;
};

/* n: failures so far, 0 for the first; random: uniform over all 64-bit values. */
int64_t fr_backoff_ms(const struct fr_backoff *backoff, unsigned n, uint64_t random);

/* From how many failures on the wait grows no longer. */
unsigned fr_backoff_steps(const struct fr_backoff *backoff);

/* How long to wait between two batches while what went wrong is being forgiven: any time up to the
 * delay of n, and none once n is 0. The agents of a fleet find the server again one by one; what
 * they have to catch up on must not make each of them a burst. */
int64_t fr_backoff_pace_ms(const struct fr_backoff *backoff, unsigned n, uint64_t random);

/* Any time between the two, for jitter without growth. */
int64_t fr_backoff_between_ms(int64_t least_ms, int64_t most_ms, uint64_t random);

unsigned fr_backoff_after_success(unsigned n);
unsigned fr_backoff_after_failure(unsigned n);

/* How many events the batch after this one may hold, 0 for as many as it likes: after an outage one
 * event, then 10, then full batches. */
enum { FR_RAMP_START = 1 };
unsigned fr_backoff_next_ramp(unsigned ramp);

#endif

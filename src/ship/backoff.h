/* How long to wait after a failure: exponential, with jitter also at the cap, so that a fleet never marches in step.
 *
 * d = min(cap, initial * 2^n), wait = uniform(d/2, d). n falls by 2 per success. Pure; the random number comes
 * from the caller. States of a sink's recovery ("ramp"): after an outage one event, then 10, then full batches.
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

unsigned fr_backoff_after_success(unsigned n);
unsigned fr_backoff_after_failure(unsigned n);

#endif

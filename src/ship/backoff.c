#include "ship/backoff.h"

#include <assert.h>

enum { DOUBLINGS_MAX = 40, RAMP_SECOND = 10 };

int64_t fr_backoff_between_ms(int64_t least_ms, int64_t most_ms, uint64_t random)
{
	assert(least_ms >= 0 && least_ms <= most_ms);
	return least_ms + (int64_t)(random % ((uint64_t)(most_ms - least_ms) + 1));
}

static int64_t delay_ms(const struct fr_backoff *backoff, unsigned n)
{
	int64_t delay = backoff->initial_ms;

	assert(backoff->initial_ms > 0 && backoff->cap_ms > 0);
	while (n-- > 0 && delay < backoff->cap_ms)
		delay = delay <= INT64_MAX / 2 ? delay * 2 : backoff->cap_ms;
	return delay < backoff->cap_ms ? delay : backoff->cap_ms;
}

int64_t fr_backoff_ms(const struct fr_backoff *backoff, unsigned n, uint64_t random)
{
	int64_t delay = delay_ms(backoff, n);

	return fr_backoff_between_ms(delay / 2, delay, random);
}

unsigned fr_backoff_steps(const struct fr_backoff *backoff)
{
	unsigned n = 0;

	while (n < DOUBLINGS_MAX && delay_ms(backoff, n) < backoff->cap_ms)
		n++;
	return n;
}

int64_t fr_backoff_pace_ms(const struct fr_backoff *backoff, unsigned n, uint64_t random)
{
	return n > 0 ? fr_backoff_between_ms(0, delay_ms(backoff, n), random) : 0;
}

unsigned fr_backoff_after_success(unsigned n)
{
	return n > 2 ? n - 2 : 0;
}

unsigned fr_backoff_after_failure(unsigned n)
{
	return n < DOUBLINGS_MAX ? n + 1 : DOUBLINGS_MAX;
}

unsigned fr_backoff_next_ramp(unsigned ramp)
{
	return ramp == FR_RAMP_START ? RAMP_SECOND : 0;
}

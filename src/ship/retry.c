#include "ship/retry.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)

enum { LEAST_LIMIT_BYTES = 4096, JITTER_SHARE = 10 };

void fr_retry_clear(struct fr_retry *retry)
{
	retry->paused = false;
	retry->reason[0] = '\0';
	retry->kind[0] = '\0';
	retry->wait_us = 0;
	retry->since_us = 0;
	retry->streak = 0;
}

void fr_retry_succeed(struct fr_retry *retry, const struct fr_moment *now)
{
	fr_retry_clear(retry);
	retry->attempts = fr_backoff_after_success(retry->attempts);
	retry->ramp = fr_backoff_next_ramp(retry->ramp);
	retry->last_success_us = now->wall_us;
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The verdict may shorten the sink's cap, and its floor is met even by the shortest wait. */
static int64_t backoff_ms(const struct fr_retry *retry, const struct fr_verdict *verdict,
			  const struct fr_backoff *sink, const struct fr_moment *now)
{
	struct fr_backoff backoff = *sink;
	int64_t wait_ms, wish_ms = verdict->at_least_ms;

	if (verdict->cap_ms > 0 && verdict->cap_ms < backoff.cap_ms)
		backoff.cap_ms = verdict->cap_ms;
	backoff.initial_ms = greater(backoff.initial_ms, 2 * verdict->floor_ms);
	backoff.cap_ms = greater(backoff.cap_ms, 2 * verdict->floor_ms);
	wait_ms = fr_backoff_ms(&backoff, retry->attempts, now->random);
	if (wish_ms <= wait_ms)
		return wait_ms;
	/* A server asks all its clients for the same: they must not come back all at once. */
	return fr_backoff_between_ms(wish_ms, wish_ms + wish_ms / JITTER_SHARE, now->random);
}

/* What went wrong, since when, and how often in a row. */
static void retry_remember(struct fr_retry *retry, const struct fr_verdict *verdict,
			   const struct fr_moment *now)
{
	bool is_same = strcmp(retry->kind, verdict->kind) == 0;

	retry->streak = is_same ? retry->streak + 1 : 1;
	(void)fr_text_copy(retry->kind, sizeof retry->kind, verdict->kind);
	(void)fr_text_copy(retry->reason, sizeof retry->reason, verdict->reason);
	if (retry->since_us == 0)
		retry->since_us = now->wall_us;
}

void fr_retry_fail(struct fr_retry *retry, const struct fr_verdict *verdict,
		   const struct fr_backoff *sink, const struct fr_moment *now)
{
	int64_t wait_ms;

	assert(verdict->action == FR_ACT_RETRY || verdict->action == FR_ACT_PAUSE);
	retry->paused = verdict->action == FR_ACT_PAUSE;
	wait_ms = retry->paused
			  ? fr_backoff_between_ms(verdict->floor_ms, verdict->cap_ms, now->random)
			  : backoff_ms(retry, verdict, sink, now);
	retry_remember(retry, verdict, now);
	retry->attempts = fr_backoff_after_failure(retry->attempts);
	retry->wait_us = wait_ms * 1000;
	retry->saved_boot_us = now->boot_us;
	(void)fr_text_copy(retry->boot_id, sizeof retry->boot_id, now->boot_id);
	retry->ramp = FR_RAMP_START;
}

void fr_retry_bury(struct fr_retry *retry, const struct fr_verdict *verdict,
		   const struct fr_moment *now)
{
	assert(verdict->action == FR_ACT_BURY);
	retry->paused = false;
	retry->wait_us = 0;
	retry_remember(retry, verdict, now);
}

int64_t fr_retry_left_us(const struct fr_retry *retry, const struct fr_moment *now)
{
	int64_t passed_us = now->boot_us - retry->saved_boot_us;

	if (retry->wait_us <= 0)
		return 0;
	if (strcmp(retry->boot_id, now->boot_id) != 0 || passed_us < 0)
		return retry->wait_us;
	return passed_us < retry->wait_us ? retry->wait_us - passed_us : 0;
}

void fr_retry_rebase(struct fr_retry *retry, const struct fr_moment *now)
{
	retry->wait_us = fr_retry_left_us(retry, now);
	retry->saved_boot_us = now->boot_us;
	(void)fr_text_copy(retry->boot_id, sizeof retry->boot_id, now->boot_id);
}

void fr_retry_hasten(struct fr_retry *retry, int64_t most_ms, const struct fr_moment *now)
{
	int64_t wait_us = fr_backoff_between_ms(0, most_ms, now->random) * 1000;

	if (wait_us >= fr_retry_left_us(retry, now))
		return;
	retry->wait_us = wait_us;
	retry->saved_boot_us = now->boot_us;
	(void)fr_text_copy(retry->boot_id, sizeof retry->boot_id, now->boot_id);
}

bool fr_retry_has_succeeded_lately(const struct fr_retry *retry, const struct fr_moment *now)
{
	int64_t passed_us = now->wall_us - retry->last_success_us;

	/* A success that lies in the future says that the clock was set, and no more. */
	return retry->last_success_us > 0 && passed_us < DAY_US && passed_us > -DAY_US;
}

void fr_retry_learn_limit(struct fr_retry *retry, int64_t body_bytes)
{
	int64_t limit = greater(body_bytes / 2, LEAST_LIMIT_BYTES);

	if (retry->limit_bytes == 0 || limit < retry->limit_bytes)
		retry->limit_bytes = limit;
}

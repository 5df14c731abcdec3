#include "ship/retry.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define DAY_US (INT64_C(24) * 3600 * 1000000)

enum { LEAST_LIMIT_BYTES = 4096, SPREAD_MS = 60000 };

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* All of this wait is still to come. */
static void wait_begin(struct fr_retry *retry, int64_t wait_us, const struct fr_moment *now)
{
	retry->wait_us = wait_us;
	retry->saved_boot_us = now->boot_us;
	(void)fr_text_copy(retry->boot_id, sizeof retry->boot_id, now->boot_id);
}

static bool is_well(const struct fr_retry *retry)
{
	return retry->since_us == 0;
}

/* A wait that nothing that went wrong explains. */
static void wait_explain(struct fr_retry *retry, const char *why)
{
	if (is_well(retry) && retry->wait_us > 0)
		(void)fr_text_copy(retry->reason, sizeof retry->reason, why);
}

void fr_retry_clear(struct fr_retry *retry)
{
	retry->paused = false;
	retry->reason[0] = '\0';
	retry->kind[0] = '\0';
	retry->wait_us = 0;
	retry->since_us = 0;
	retry->streak = 0;
}

void fr_retry_resume(struct fr_retry *retry)
{
	retry->paused = false;
	retry->wait_us = 0;
}

void fr_retry_succeed(struct fr_retry *retry, const struct fr_moment *now)
{
	fr_retry_clear(retry);
	retry->attempts = fr_backoff_after_success(retry->attempts);
	retry->ramp = fr_backoff_next_ramp(retry->ramp);
	retry->last_success_us = now->wall_us;
}

void fr_retry_succeed_late(struct fr_retry *retry, const struct fr_moment *now)
{
	retry->last_success_us = now->wall_us;
}

void fr_retry_pace(struct fr_retry *retry, const struct fr_backoff *sink,
		   const struct fr_moment *now)
{
	unsigned most = fr_backoff_steps(sink);

	if (retry->attempts > most)
		retry->attempts = most;
	wait_begin(retry, fr_backoff_pace_ms(sink, retry->attempts, now->random) * 1000, now);
	wait_explain(retry, "catching up step by step after an outage");
}

/* A server asks all its clients for the same: they must not come back all at once. */
static int64_t wish_spread_ms(int64_t wish_ms, const struct fr_moment *now)
{
	int64_t spread_ms = greater(wish_ms / 10, lesser(wish_ms / 2, SPREAD_MS));

	return fr_backoff_between_ms(wish_ms, wish_ms + spread_ms, now->random);
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
	return wish_ms <= wait_ms ? wait_ms : wish_spread_ms(wish_ms, now);
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
	if (!retry->paused)
		retry->attempts = fr_backoff_after_failure(retry->attempts);
	wait_begin(retry, wait_ms * 1000, now);
	retry->ramp = FR_RAMP_START;
}

void fr_retry_fail_late(struct fr_retry *retry, const struct fr_verdict *verdict,
			const struct fr_backoff *sink, const struct fr_moment *now)
{
	bool is_longer = verdict->at_least_ms * 1000 > fr_retry_left_us(retry, now);

	if (retry->paused)
		return;
	if (verdict->action == FR_ACT_PAUSE) {
		fr_retry_fail(retry, verdict, sink, now);
	} else if (is_longer) {
		retry_remember(retry, verdict, now);
		wait_begin(retry, wish_spread_ms(verdict->at_least_ms, now) * 1000, now);
	}
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
	wait_begin(retry, fr_retry_left_us(retry, now), now);
}

void fr_retry_start(struct fr_retry *retry, const struct fr_backoff *sink,
		    const struct fr_moment *now)
{
	bool is_new_boot = retry->boot_id[0] != '\0' && strcmp(retry->boot_id, now->boot_id) != 0;
	int64_t wait_us = fr_backoff_between_ms(0, sink->cap_ms, now->random) * 1000;

	fr_retry_rebase(retry, now);
	if (!is_new_boot || retry->paused)
		return;
	retry->ramp = FR_RAMP_START;
	retry->attempts = (unsigned)greater(retry->attempts, fr_backoff_steps(sink) + 2);
	if (retry->wait_us < wait_us)
		retry->wait_us = wait_us;
	wait_explain(retry, "the machine has started lately; not all of them begin at once");
}

void fr_retry_end_wait(struct fr_retry *retry)
{
	retry->wait_us = 0;
	if (is_well(retry))
		retry->reason[0] = '\0';
}

void fr_retry_hasten(struct fr_retry *retry, int64_t most_ms, const struct fr_moment *now)
{
	int64_t wait_ms = fr_backoff_between_ms(0, most_ms, now->random);

	if (wait_ms * 1000 < fr_retry_left_us(retry, now))
		wait_begin(retry, wait_ms * 1000, now);
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

void fr_retry_stretch_limit(struct fr_retry *retry, int64_t most_bytes)
{
	retry->limit_bytes += retry->limit_bytes / 4;
	if (retry->limit_bytes >= most_bytes)
		retry->limit_bytes = 0;
}

/* How answers change what is remembered of a sink: its backoff, its pause, its ramp. Pure: time and
 * chance are handed in.
 */
#ifndef FR_SHIP_RETRY_H
#define FR_SHIP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "queue/sinks.h"
#include "ship/backoff.h"
#include "ship/verdict.h"

/* Now, and a random number. */
struct fr_moment {
	int64_t wall_us;
	int64_t boot_us;
	const char *boot_id;
	uint64_t random;
};

/* The sink answers again, whatever it says: no wait, no pause. */
void fr_retry_clear(struct fr_retry *retry);

/* The same while it is not known yet what its refusals mean: what was wrong is remembered. */
void fr_retry_resume(struct fr_retry *retry);

/* The sink took a batch: all is well, and a little of what went wrong before is forgiven. */
void fr_retry_succeed(struct fr_retry *retry, const struct fr_moment *now);

/* A request sent before the sink got into trouble was taken: that does not end the trouble. */
void fr_retry_succeed_late(struct fr_retry *retry, const struct fr_moment *now);

/* After a success: how long the next batch waits while it is being forgiven, so that the agents of
 * a fleet, who find the server again one by one, do not all catch up in the same minute. A few
 * waits that grow shorter; none when little went wrong. A flush does not wait for that. */
void fr_retry_pace(struct fr_retry *retry, const struct fr_backoff *sink,
		   const struct fr_moment *now);

/* FR_ACT_RETRY or FR_ACT_PAUSE: wait, and begin small afterwards. `sink` is what its config says.
 */
void fr_retry_fail(struct fr_retry *retry, const struct fr_verdict *verdict,
		   const struct fr_backoff *sink, const struct fr_moment *now);

/* The same of a request that was sent before the last failure: what fails at the same time is one
 * failure, but a pause is a pause, and the longest of the server's wishes counts. */
void fr_retry_fail_late(struct fr_retry *retry, const struct fr_verdict *verdict,
			const struct fr_backoff *sink, const struct fr_moment *now);

/* FR_ACT_BURY: on with the next batch, but how often it went so is remembered. */
void fr_retry_bury(struct fr_retry *retry, const struct fr_verdict *verdict,
		   const struct fr_moment *now);

/* What is left of the wait, 0 when it is over. Counts time asleep; in another boot all of it counts
 * anew, since nobody knows how long the machine was off. */
int64_t fr_retry_left_us(const struct fr_retry *retry, const struct fr_moment *now);

/* What is left of the wait is some time up to most_ms, if it was longer: up to this
 * where the network has come back. */
enum { FR_NETWORK_JITTER_MS = 5000 };
void fr_retry_hasten(struct fr_retry *retry, int64_t most_ms, const struct fr_moment *now);

/* The wait is over, or was cut short, and there is nothing to send. */
void fr_retry_end_wait(struct fr_retry *retry);

/* After a start: what is left of the wait counts from now on, by the clock of this boot. */
void fr_retry_rebase(struct fr_retry *retry, const struct fr_moment *now);

/* The same, and where the machine has started since: begins small and at any time within the sink's
 * longest wait. On Monday morning the machines of an office start within a minute. */
void fr_retry_start(struct fr_retry *retry, const struct fr_backoff *sink,
		    const struct fr_moment *now);

/* Has the sink taken anything in the last day? If not, a refusal may be the setup's fault. */
bool fr_retry_has_succeeded_lately(const struct fr_retry *retry, const struct fr_moment *now);

/* A body of so many bytes was too large: later ones stay under half of it. */
void fr_retry_learn_limit(struct fr_retry *retry, int64_t body_bytes);

/* Bodies near the limit were taken again and again: it grows by a quarter, and is forgotten where
 * it limits nothing any more, since no body is larger than most_bytes. */
void fr_retry_stretch_limit(struct fr_retry *retry, int64_t most_bytes);

#endif

/* The outside world as one struct of functions: clocks, randomness, environment variables, the log.
 *
 * Everything that asks for the time or for a random number gets it from here, so that a test can
 * live through ten years in a millisecond.
 * Invariants: boot_us counts time asleep and ignores changes of the wall clock; it means something
 * only together with boot_id.
 * Threads: the real one may be used from all threads.
 */
#ifndef FR_BASE_ENV_H
#define FR_BASE_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/status.h"

struct fr_env {
	int64_t (*wall_us)(void *context); /* microseconds since 1970, UTC */
	int64_t (*boot_us)(void *context); /* microseconds since boot, asleep or awake */
	enum fr_status (*random_bytes)(void *context, void *out, size_t length);
	const char *(*variable)(void *context, const char *name); /* getenv */
	const char *boot_id; /* tells boots apart; 36 characters on Linux */
	struct fr_logger log;
	void *context;
};

/* The real world with a silent log. Never fails; an unknown boot id is "". */
void fr_env_real(struct fr_env *env);

int64_t fr_env_wall_us(const struct fr_env *env);
int64_t fr_env_boot_us(const struct fr_env *env);
enum fr_status fr_env_random(const struct fr_env *env, void *out, size_t length);

/* The value of an environment variable, NULL when unset or empty. */
const char *fr_env_variable(const struct fr_env *env, const char *name);

#endif

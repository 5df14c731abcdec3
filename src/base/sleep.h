/* Has the machine slept? Timers stand still meanwhile, waits do not: who woke up looks at the
 * clock anew.
 *
 * The rule is pure: two clocks, one of which counts the time asleep, and the distance between them
 * only grows by sleeping.
 */
#ifndef FR_BASE_SLEEP_H
#define FR_BASE_SLEEP_H

#include <stdbool.h>
#include <stdint.h>

struct fr_sleep {
	int64_t ahead_us; /* boot clock over awake clock, when it was last looked */
};

/* The clock that stands still while the machine sleeps. */
int64_t fr_sleep_awake_us(void);

void fr_sleep_init(struct fr_sleep *sleep, int64_t boot_us, int64_t awake_us);

/* Since the last look, for a second or more. */
bool fr_sleep_look(struct fr_sleep *sleep, int64_t boot_us, int64_t awake_us);

/* A descriptor that becomes readable when the machine has slept or somebody set its clock, and
 * otherwise never; -1 where the system has none: there, waking up shows as news of the network.
 * The caller closes it. */
int fr_sleep_open(void);

/* Takes what made it readable. */
void fr_sleep_read(int fd);

#endif

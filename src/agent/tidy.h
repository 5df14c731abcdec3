/* Upkeep of the queue while the agent runs: small steps, one per turn of the loop, and nothing at
 * all on an empty queue that was tidied already. */
#ifndef FR_AGENT_TIDY_H
#define FR_AGENT_TIDY_H

struct fr_agent;

/* Once, before any other. */
void fr_tidy_init(struct fr_agent *agent);
void fr_tidy_fini(struct fr_agent *agent);

/* Something was recorded or acknowledged: tidy soon. */
void fr_tidy_kick(struct fr_agent *agent);

/* All steps at once, with the queue idle: at the end of a drain. Bounded. */
void fr_tidy_now(struct fr_agent *agent);

#endif

/* Callers of agent.sock who are answered later: when something has come true, or their time is up.
 *
 * Invariant: everybody in the list is answered exactly once, or has gone away. Threads: the loop's.
 */
#ifndef FR_AGENT_WAITING_H
#define FR_AGENT_WAITING_H

#include <stdbool.h>
#include <stdint.h>

struct evhttp_request;
struct fr_agent;
struct fr_waiter;

struct fr_waiting {
	struct fr_waiter *first; /* zeroed: nobody waits */
};

enum fr_waits_for {
	FR_WAITS_FOR_FLUSH,
	FR_WAITS_FOR_RELOAD,
};

/* Takes the request over. It is answered in the next turn of the loop at the earliest. */
void fr_waiting_add(struct fr_waiting *waiting, struct fr_agent *agent,
		    struct evhttp_request *request, enum fr_waits_for what, int64_t patience_ms);

/* Does anybody wait for this? */
bool fr_waiting_has(const struct fr_waiting *waiting, enum fr_waits_for what);

/* Something changed: answers those for whom it has come true. */
void fr_waiting_settle(struct fr_waiting *waiting);

/* Answers everybody as things stand. */
void fr_waiting_dismiss(struct fr_waiting *waiting);

#endif

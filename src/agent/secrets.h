/* Secrets in files that change while the agent runs: a token that is renewed, a file that appears.
 *
 * They are looked at whenever the agent looks at anything; while a sink is paused for credentials
 * their folders are watched, too, so that nobody has to wait for the next probe. The sinks are set
 * up anew with what was found, which probes a paused one at once. Only files: the environment of
 * a running process does not change.
 * Threads: the loop's.
 */
#ifndef FR_AGENT_SECRETS_H
#define FR_AGENT_SECRETS_H

#include <event2/event_struct.h>
#include <stdbool.h>

#include "base/watch.h"

struct fr_agent;

struct fr_secrets {
	struct fr_watch watch; /* fd -1: not open */
	struct event changed;  /* only while it is open */
	struct event quiet;
	bool is_stale; /* files or folders that are watched may have been replaced */
};

void fr_secrets_init(struct fr_agent *agent);
void fr_secrets_fini(struct fr_agent *agent);

/* Takes what is new, and watches while somebody waits for it. */
void fr_secrets_look(struct fr_agent *agent);

/* From the next look on what is to be watched is watched anew: the config is another one. */
void fr_secrets_doubt(struct fr_agent *agent);

#endif

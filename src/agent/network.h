/* Another network, or a machine that woke up: told once, when the news have come to rest.
 *
 * Invariants: routes are listened to only while somebody waits for them (fr_network_listen), so
 * that an agent with nothing to wait for sleeps through every change; waking up is always noticed.
 * News come in heaps: on_change is called QUIET_MS after the last of them, and at most SOON_MS
 * after the first.
 * Threads: the loop's. Life: open, listen or not, close.
 */
#ifndef FR_AGENT_NETWORK_H
#define FR_AGENT_NETWORK_H

#include <stdbool.h>

#include "base/env.h"
#include "base/status.h"

struct event_base;
struct fr_network;

struct fr_network_options {
	struct event_base *loop;
	const struct fr_env *env; /* borrowed until close */
	void (*on_change)(void *context);
	void *context;
};

enum fr_status fr_network_open(struct fr_network **out, const struct fr_network_options *options,
			       struct fr_error *err);

/* Accepts NULL, as does listen. */
void fr_network_close(struct fr_network *network);

/* Without a socket for it (a sandbox may forbid it) waits end by their own time only. */
void fr_network_listen(struct fr_network *network, bool is_needed);

#endif

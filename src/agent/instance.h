/* One agent per home: agent.lock is held by the one that runs, and says which process that is.
 *
 * The lock goes with the process, however it ends; the file stays. */
#ifndef FR_AGENT_INSTANCE_H
#define FR_AGENT_INSTANCE_H

#include "base/status.h"

struct fr_instance {
	int fd; /* -1: not held */
};

/* FR_BUSY when another agent holds it; the text says which. */
enum fr_status fr_instance_take(struct fr_instance *instance, const char *home,
				struct fr_error *err);
void fr_instance_give(struct fr_instance *instance);

#endif

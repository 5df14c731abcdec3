/* A socket of the home that others find by its name: bound under it, mode 0600, and unlinked at
 * the end.
 *
 * What an agent that was killed left behind is replaced; the holder of agent.lock may do that. */
#ifndef FR_AGENT_DOOR_H
#define FR_AGENT_DOOR_H

#include "base/file.h"
#include "base/status.h"

struct fr_door {
	int fd; /* -1 once somebody else owns it, and closes it */
	char path[FR_PATH_MAX];
};

enum fr_status fr_door_open(struct fr_door *door, const char *home, const char *name, int type,
			    struct fr_error *err);
void fr_door_close(struct fr_door *door);

#endif

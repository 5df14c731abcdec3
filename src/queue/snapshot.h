/* A snapshot as queue/ knows it: a connection that only reads. Internal to queue/. */
#ifndef FR_QUEUE_SNAPSHOT_H
#define FR_QUEUE_SNAPSHOT_H

#include "queue/db.h"
#include "queue/inspect.h"

struct fr_snapshot {
	struct fr_queue queue; /* no lock: nothing here ever writes */
	char home[FR_PATH_MAX];
};

/* Deletes copies that a crash left behind, with everything recorded in them, if they are at least
 * so old; returns how many files went. A copy in use has no name any more. */
unsigned fr_snapshot_forget(const char *home, const struct fr_env *env, int64_t age_us);

#endif

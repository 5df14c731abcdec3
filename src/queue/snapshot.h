/* A snapshot as queue/ knows it: a connection that only reads. Internal to queue/. */
#ifndef FR_QUEUE_SNAPSHOT_H
#define FR_QUEUE_SNAPSHOT_H

#include "queue/db.h"
#include "queue/inspect.h"

struct fr_snapshot {
	struct fr_queue queue; /* no lock: nothing here ever writes */
	char home[FR_PATH_MAX];
};

#endif

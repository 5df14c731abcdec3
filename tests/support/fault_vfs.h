/* A disk that fails when it is told to, and that can be watched: a sqlite3_vfs before the
 * platform's.
 *
 * Once installed it is the default VFS of the test process, so the queue under test goes through it
 * without knowing. A write that fails has put its first half on the disk, as a real one may.
 * Threads: one. Life: install once, before the first connection; arm and disarm as often as needed.
 */
#ifndef FR_TESTS_SUPPORT_FAULT_VFS_H
#define FR_TESTS_SUPPORT_FAULT_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can fail, as bits. */
enum fault_operation {
	FAULT_OPEN = 1,
	FAULT_READ = 2,
	FAULT_WRITE = 4,
	FAULT_SYNC = 8,
	FAULT_TRUNCATE = 16,
	FAULT_DELETE = 32,
	FAULT_SHARED_MEMORY = 64,
};

struct fault_plan {
	unsigned operations; /* which of them count */
	unsigned countdown;  /* 1: the next one fails */
	bool for_ever;       /* and all after it */
	bool is_full;        /* writes fail for want of space, else with an I/O error */
};

void fault_vfs_install(void);

void fault_vfs_arm(const struct fault_plan *plan);

/* Everything works again; true when the plan had come to a failure. */
bool fault_vfs_disarm(void);

/* What happens to files, told before it is done. Names are whole paths. */
struct fault_watcher {
	void (*on_write)(void *context, const char *path, const void *data, size_t length,
			 int64_t offset);
	void (*on_truncate)(void *context, const char *path, int64_t length);
	void (*on_sync)(void *context, const char *path);
	void *context;
};

/* NULL: nobody watches. The watcher is borrowed. */
void fault_vfs_watch(const struct fault_watcher *watcher);

#endif

/* Tells when one of a few files may have changed, come into being or gone: a descriptor that
 * becomes readable. It says more than it must; who is told looks for himself.
 *
 * A file is watched by its folder, so that it may be replaced by a rename, and by the folder that
 * it really is in when it is a link. Where a folder is missing, the nearest one that is there is
 * watched in its place.
 * Life: open, add, close. Threads: one owner.
 */
#ifndef FR_BASE_WATCH_H
#define FR_BASE_WATCH_H

#include <stddef.h>

#include "base/status.h"

enum { FR_WATCH_MAX = 64 };

struct fr_watch {
	int fd; /* -1: not open */
	int held[FR_WATCH_MAX];
	size_t held_count; /* descriptors that the system's way of watching keeps open */
};

enum fr_status fr_watch_open(struct fr_watch *watch, struct fr_error *err);
void fr_watch_close(struct fr_watch *watch);

/* Best effort: a file that cannot be watched is looked at when there is another reason to. */
void fr_watch_add(struct fr_watch *watch, const char *path);

/* Takes what made it readable. */
void fr_watch_read(struct fr_watch *watch);

/* watch_linux.c, watch_macos.c: one path that is there. */
void fr_watch_path(struct fr_watch *watch, const char *path);

#endif

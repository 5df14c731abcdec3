/* What a disk may hold after the power went: a model of the files that SQLite writes.
 *
 * For each file it keeps what was synced and, in order, what was written or cut since. At any
 * moment it can make an image: everything, nothing, or a random part of what was not synced, torn
 * at the
 * 512 bytes of a sector. It is fed by the fault VFS (fault_vfs.h).
 * Invariants: what was synced is in every image. Threads: one. Life: init, watch, image..., fini.
 */
#ifndef FR_TESTS_SUPPORT_DISK_MODEL_H
#define FR_TESTS_SUPPORT_DISK_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "support/fault_vfs.h"

enum { DISK_FILES_MOST = 8 };

enum disk_luck {
	DISK_ALL,    /* everything arrived */
	DISK_NONE,   /* nothing since the last sync did */
	DISK_RANDOM, /* some sectors did */
};

struct disk_file;

struct disk_model {
	struct disk_file *files[DISK_FILES_MOST];
	size_t count;
	void (*before_sync)(void *context); /* with everything not yet synced; may make images */
	void *context;
	struct fault_watcher watcher;
};

/* before_sync may be NULL. */
void disk_model_init(struct disk_model *model, void (*before_sync)(void *context), void *context);
void disk_model_fini(struct disk_model *model);

/* A file that is on the disk already, whole. */
void disk_model_add(struct disk_model *model, const char *path);

/* From now on it sees every write; and no longer. */
void disk_model_watch(struct disk_model *model);
void disk_model_look_away(void);

/* Writes the files into a folder, under the last parts of their names. */
void disk_model_image(const struct disk_model *model, const char *folder, enum disk_luck luck,
		      uint64_t *random);

#endif

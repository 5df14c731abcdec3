/* What a file looked like at a moment, to tell cheaply whether it is still the same: one lstat, no
 * read.
 *
 * A replaced file differs by its inode or its change time, a rewritten one by its size or its
 * times. That there is no such file is an appearance too.
 */
#ifndef FR_BASE_STAMP_H
#define FR_BASE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

struct fr_stamp {
	int fault; /* why it could not be looked at, an errno; 0: it is there */
	uint64_t device, inode;
	int64_t size, modified_ns, changed_ns;
};

void fr_stamp_take(struct fr_stamp *stamp, const char *path);
bool fr_stamp_is_same(const struct fr_stamp *a, const struct fr_stamp *b);

/* Takes a new stamp; true when it differs from the old one, which it replaces. */
bool fr_stamp_renew(struct fr_stamp *stamp, const char *path);

#endif

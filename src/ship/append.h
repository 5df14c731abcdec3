/* Appends whole lines to a file, durably and once: saying it again after a crash adds nothing.
 *
 * The file itself tells how far an earlier try came: its end is compared with the lines. So a crash
 * between the write and whatever the caller notes afterwards neither loses nor doubles a line, and
 * no second file has to agree with the first. Invariants: after FR_OK the lines are on stable
 * storage and the file ends with a line break. After a failure none of them is in it, unless the
 * disk refuses even to take them back.
 */
#ifndef FR_SHIP_APPEND_H
#define FR_SHIP_APPEND_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct fr_lines {
	const char *data; /* lines, each with its line break; no two batches begin alike */
	size_t length;
};

/* Makes the file, 0600, if need be. rotate_bytes: where the file would grow past this, it is first
 * renamed to <path>.1 in the place of an older one; 0: never. FR_INVALID: a symlink, a folder, a
 * device; FR_BUSY: another program holds its lock; else FR_IO or FR_NOMEM. */
enum fr_status fr_append_once(const char *path, struct fr_lines lines, int64_t rotate_bytes,
			      struct fr_error *err);

#endif

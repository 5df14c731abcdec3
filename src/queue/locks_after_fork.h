/* The kernel locks that SQLite believes a fork child still has.
 *
 * SQLite keeps, per process and file, what it has locked. A fork child inherits that memory but not
 * the locks (fcntl locks belong to a process), so a connection the child opens on the same file
 * would be told "shared lock: we have it" while the kernel knows of none: another program could
 * take itself for the last one, delete the WAL, and the child's commits would go into a file
 * without a name. So the child takes those two locks itself, on descriptors it never closes: the
 * shared range of the database file and the "dead man switch" of the -shm file, at the offsets of
 * SQLite's file format (sqlite.org/fileformat2.html, sqlite.org/walformat.html).
 */
#ifndef FR_QUEUE_LOCKS_AFTER_FORK_H
#define FR_QUEUE_LOCKS_AFTER_FORK_H

#include "base/status.h"

/* Called when a fork child leaves a parent's connection to this file behind. */
void fr_locks_note_inherited(const char *path);

/* Called before a connection is opened; does nothing unless that file's connection was inherited.
 */
enum fr_status fr_locks_take_again(const char *path, struct fr_error *err);

#endif

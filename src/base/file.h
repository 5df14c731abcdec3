/* Files as Flightrec wants them: private (0600), never through a symlink, whole or not at all.
 *
 * Failures name the path and what the system said.
 */
#ifndef FR_BASE_FILE_H
#define FR_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/status.h"

enum { FR_PATH_MAX = 1024 };

/* Joins folder and name into out; FR_TOO_LARGE when it does not fit. */
enum fr_status fr_path_join(char out[FR_PATH_MAX], const char *folder, const char *name,
			    struct fr_error *err);

/* Appends a whole regular file to out, whose ceiling bounds it. FR_NONE when there is no such file;
 * FR_INVALID for a symlink, a folder or a device; FR_TOO_LARGE past the ceiling; else FR_IO. */
enum fr_status fr_file_read(const char *path, struct fr_buffer *out, struct fr_error *err);

/* As fr_file_read, but through a symlink: for files that people put in their places themselves (a
 * config managed with the dotfiles, a mounted secret). */
enum fr_status fr_file_read_linked(const char *path, struct fr_buffer *out, struct fr_error *err);

/* As fr_file_read, for a file whose word counts: FR_INVALID too when it is not this owner's, or has
 * one of the forbidden mode bits (022: nobody else may have written it). */
enum fr_status fr_file_read_owned(const char *path, uid_t owner, mode_t forbidden,
				  struct fr_buffer *out, struct fr_error *err);

/* Replaces a file by a temporary one, fsync and rename, mode 0600, and syncs the folder. */
enum fr_status fr_file_replace(const char *path, const void *data, size_t length,
			       struct fr_error *err);

/* Creates a file with these bytes unless it exists: temporary file, fsync, link(). FR_NONE when
 * somebody else made it first (which is then left as it is). No descriptor of the final name is
 * ever opened. */
enum fr_status fr_file_create(const char *path, const void *data, size_t length,
			      struct fr_error *err);

/* Flushes an open file to stable storage, the drive's own cache included; path is for the message.
 */
enum fr_status fr_file_sync(int fd, const char *path, struct fr_error *err);

/* fsyncs a folder, so that a new or removed name in it survives a power cut. */
enum fr_status fr_folder_sync(const char *path, struct fr_error *err);

/* The same for the folder that holds this path. */
enum fr_status fr_folder_sync_parent(const char *path, struct fr_error *err);

/* Makes a folder and its missing parents, mode 0700 (only new ones are touched). */
enum fr_status fr_folder_make(const char *path, struct fr_error *err);

/* A folder that is ours: a real directory, not a symlink, owned by this user, no access for others
 * (mode is tightened to 0700 where it is ours and looser). FR_NONE when it does not exist. */
enum fr_status fr_folder_check(const char *path, struct fr_error *err);

/* FR_IO with a reason when the path lies on a network file system, where locks and mmap lie. A
 * path that cannot be asked about passes: whoever opens it will be told why. */
enum fr_status fr_folder_is_local(const char *path, struct fr_error *err);

/* Size in bytes, 0 when there is no such file. */
int64_t fr_file_size(const char *path);

#endif

/* The way of every write: a temporary file beside the final name, the bytes, a sync, a rename or a
 * link, and a sync of the folder. A failure on the way removes the temporary file and leaves the
 * final name as it was; a crash leaves either the old file or the new one, whole, and at worst the
 * temporary.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/platform.h"

enum { TEMPORARY_NAMES = 100, READ_BYTES = 16384 };

enum fr_status fr_path_join(char out[FR_PATH_MAX], const char *folder, const char *name,
			    struct fr_error *err)
{
	size_t length = strlen(folder);
	const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
	int written = snprintf(out, FR_PATH_MAX, "%s%s%s", folder, slash, name);

	if (written < 0 || written >= FR_PATH_MAX)
		return fr_fail(err, FR_TOO_LARGE, "path is too long: %s/%s", folder, name);
	return FR_OK;
}

static int file_open(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0600);
	while (fd < 0 && errno == EINTR);
	return fd;
}

static enum fr_status file_open_fault(const char *path, int code, struct fr_error *err)
{
	if (code == ENOENT)
		return fr_fail(err, FR_NONE, "%s: no such file", path);
	if (code == ELOOP)
		return fr_fail(err, FR_INVALID, "%s is a symbolic link", path);
	if (code == ENOTDIR || code == ENXIO)
		return fr_fail_system(err, FR_INVALID, code, "%s", path);
	return fr_fail_system(err, FR_IO, code, "cannot open %s", path);
}

static enum fr_status file_read_all(int fd, const char *path, struct fr_buffer *out,
				    struct fr_error *err)
{
	char piece[READ_BYTES];
	ssize_t got;

	while ((got = read(fd, piece, sizeof piece)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fr_fail_system(err, FR_IO, errno, "cannot read %s", path);
		fr_buffer_add(out, piece, (size_t)got);
		if (out->status == FR_TOO_LARGE)
			return fr_fail(err, FR_TOO_LARGE, "%s is larger than %zu bytes", path,
				       out->ceiling);
		if (out->status != FR_OK)
			return fr_fail(err, out->status, "cannot read %s: %s", path,
				       fr_status_text(out->status));
	}
	return FR_OK;
}

/* Whose a file must be to be believed. */
struct file_guard {
	uid_t owner;
	mode_t forbidden;
};

static enum fr_status file_judge(int fd, const char *path, const struct file_guard *guard,
				 struct fr_error *err)
{
	struct stat info;

	if (fstat(fd, &info) != 0)
		return fr_fail_system(err, FR_IO, errno, "cannot read %s", path);
	if (!S_ISREG(info.st_mode))
		return fr_fail(err, FR_INVALID, "%s is not a regular file", path);
	if (guard == NULL)
		return FR_OK;
	if (info.st_uid != guard->owner)
		return fr_fail(err, FR_INVALID, "%s belongs to user %lu, not to user %lu", path,
			       (unsigned long)info.st_uid, (unsigned long)guard->owner);
	if ((info.st_mode & guard->forbidden) != 0)
		return fr_fail(err, FR_INVALID, "%s has mode %04lo: others may change it", path,
			       (unsigned long)(info.st_mode & 07777));
	return FR_OK;
}

/* O_NONBLOCK: opening somebody's named pipe must not wait for its other end. */
static enum fr_status file_read_with(const char *path, int flags, const struct file_guard *guard,
				     struct fr_buffer *out, struct fr_error *err)
{
	int fd = file_open(path, O_RDONLY | O_NONBLOCK | flags);
	enum fr_status status;

	if (fd < 0)
		return file_open_fault(path, errno, err);
	status = file_judge(fd, path, guard, err);
	if (status == FR_OK)
		status = file_read_all(fd, path, out, err);
	(void)close(fd); /* nothing was written */
	return status;
}

enum fr_status fr_file_read(const char *path, struct fr_buffer *out, struct fr_error *err)
{
	return file_read_with(path, O_NOFOLLOW, NULL, out, err);
}

enum fr_status fr_file_read_linked(const char *path, struct fr_buffer *out, struct fr_error *err)
{
	return file_read_with(path, 0, NULL, out, err);
}

enum fr_status fr_file_read_owned(const char *path, uid_t owner, mode_t forbidden,
				  struct fr_buffer *out, struct fr_error *err)
{
	struct file_guard guard = {.owner = owner, .forbidden = forbidden};

	return file_read_with(path, O_NOFOLLOW, &guard, out, err);
}

static bool write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t put = write(fd, data, length);

		if (put < 0 && errno != EINTR)
			return false;
		if (put > 0) {
			data += put;
			length -= (size_t)put;
		}
	}
	return true;
}

/* A new file beside path under a name nobody uses; a leftover of a crash is passed by. */
static int temporary_open(const char *path, char name[FR_PATH_MAX])
{
	int fd = -1;
	int i;

	for (i = 0; fd < 0 && i < TEMPORARY_NAMES; i++) {
		int written = snprintf(name, FR_PATH_MAX, "%s.%ld-%d.tmp", path, (long)getpid(), i);

		if (written < 0 || written >= FR_PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = file_open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	return fd;
}

static enum fr_status status_of(int code)
{
	return code == ENOSPC || code == EDQUOT ? FR_FULL : FR_IO;
}

/* On success the bytes are on stable storage under the temporary name, and no descriptor is left.
 */
static enum fr_status temporary_write(const char *path, char name[FR_PATH_MAX], const void *data,
				      size_t length, struct fr_error *err)
{
	int fd = temporary_open(path, name);
	bool written;
	int code;

	if (fd < 0)
		return fr_fail_system(err, status_of(errno), errno, "cannot create %s", path);
	written = fchmod(fd, 0600) == 0 && write_all(fd, data, length) && fr_platform_sync(fd) == 0;
	code = errno;
	if (close(fd) != 0 && written && errno != EINTR) {
		written = false;
		code = errno;
	}
	if (written)
		return FR_OK;
	(void)unlink(name);
	return fr_fail_system(err, status_of(code), code, "cannot write %s", path);
}

enum fr_status fr_file_sync(int fd, const char *path, struct fr_error *err)
{
	if (fr_platform_sync(fd) != 0)
		return fr_fail_system(err, FR_IO, errno, "cannot flush %s", path);
	return FR_OK;
}

enum fr_status fr_folder_sync_parent(const char *path, struct fr_error *err)
{
	const char *slash = strrchr(path, '/');
	char folder[FR_PATH_MAX];

	if (slash == NULL)
		return fr_folder_sync(".", err);
	if (slash == path)
		return fr_folder_sync("/", err);
	(void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	return fr_folder_sync(folder, err);
}

enum fr_status fr_file_replace(const char *path, const void *data, size_t length,
			       struct fr_error *err)
{
	char name[FR_PATH_MAX];
	enum fr_status status = temporary_write(path, name, data, length, err);

	if (status != FR_OK)
		return status;
	FR_CRASH_POINT("file.replace.before_rename");
	if (rename(name, path) != 0) {
		status = fr_fail_system(err, FR_IO, errno, "cannot replace %s", path);
		(void)unlink(name);
		return status;
	}
	FR_CRASH_POINT("file.replace.after_rename");
	return fr_folder_sync_parent(path, err);
}

enum fr_status fr_file_create(const char *path, const void *data, size_t length,
			      struct fr_error *err)
{
	char name[FR_PATH_MAX];
	enum fr_status status = temporary_write(path, name, data, length, err);

	if (status != FR_OK)
		return status;
	FR_CRASH_POINT("file.create.before_link");
	if (link(name, path) == 0)
		status = FR_OK;
	else if (errno == EEXIST)
		status = fr_fail(err, FR_NONE, "%s exists already", path);
	else
		status = fr_fail_system(err, FR_IO, errno, "cannot create %s", path);
	FR_CRASH_POINT("file.create.after_link");
	(void)unlink(name);
	if (status == FR_OK)
		status = fr_folder_sync_parent(path, err);
	return status;
}

int64_t fr_file_size(const char *path)
{
	struct stat info;

	if (lstat(path, &info) != 0)
		return 0;
	return (int64_t)info.st_size;
}

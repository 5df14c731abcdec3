/* Folders are judged through an open descriptor, so that what was checked is what is used; only the
 * words of a failure come from a second look.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/platform.h"
#include "base/text.h"

static int folder_open(const char *path, int flags)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
	while (fd < 0 && errno == EINTR);
	return fd;
}

enum fr_status fr_folder_sync(const char *path, struct fr_error *err)
{
	enum fr_status status = FR_OK;
	int fd = folder_open(path, 0);

	if (fd < 0)
		return fr_fail_system(err, FR_IO, errno, "cannot open folder %s", path);
	/* EINVAL, ENOTSUP: a file system that syncs its folders by itself or never */
	if (fr_platform_sync(fd) != 0 && errno != EINVAL && errno != ENOTSUP)
		status = fr_fail_system(err, FR_IO, errno, "cannot sync folder %s", path);
	(void)close(fd);
	return status;
}

/* Without trailing slashes: behind one, the system follows a symlink that O_NOFOLLOW forbids. */
static enum fr_status path_trim(char out[FR_PATH_MAX], const char *path, struct fr_error *err)
{
	size_t length;

	if (path[0] == '\0')
		return fr_fail(err, FR_INVALID, "the path is empty");
	if (!fr_text_copy(out, FR_PATH_MAX, path))
		return fr_fail(err, FR_TOO_LARGE, "path is too long: %s", path);
	for (length = strlen(out); length > 1 && out[length - 1] == '/'; length--)
		out[length - 1] = '\0';
	return FR_OK;
}

static bool is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Makes one folder whose parent exists, and syncs that parent (parent ends where name begins). */
static enum fr_status folder_make_one(char *path, char *slash, struct fr_error *err)
{
	enum fr_status status;

	if (mkdir(path, 0700) != 0) {
		int code = errno; /* some systems say EROFS or EACCES of a folder that exists */

		if (is_folder(path))
			return FR_OK;
		if (code == EEXIST || code == ENOTDIR)
			return fr_fail(err, FR_INVALID, "%s is in the way: not a folder", path);
		return fr_fail_system(err, FR_IO, code, "cannot make folder %s", path);
	}
	if (slash == NULL)
		return fr_folder_sync(".", err);
	if (slash == path)
		return fr_folder_sync("/", err);
	*slash = '\0';
	status = fr_folder_sync(path, err);
	*slash = '/';
	return status;
}

enum fr_status fr_folder_make(const char *path, struct fr_error *err)
{
	char whole[FR_PATH_MAX];
	enum fr_status status = path_trim(whole, path, err);
	char *previous = NULL;
	char *at;

	if (status != FR_OK || is_folder(whole))
		return status;
	for (at = whole + 1; status == FR_OK; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		if (*at == '\0')
			return folder_make_one(whole, previous, err);
		*at = '\0';
		if (!is_folder(whole))
			status = folder_make_one(whole, previous, err);
		*at = '/';
		previous = at;
	}
	return status;
}

/* Says in words why a folder could not be opened as one of ours. */
static enum fr_status folder_explain(const char *path, int code, struct fr_error *err)
{
	struct stat info;

	if (code == ENOENT) /* even if somebody has made it since */
		return fr_fail(err, FR_NONE, "%s: no such folder", path);
	if (lstat(path, &info) != 0)
		return errno == ENOENT ? fr_fail(err, FR_NONE, "%s: no such folder", path)
				       : fr_fail_system(err, FR_IO, errno, "cannot open %s", path);
	if (S_ISLNK(info.st_mode))
		return fr_fail(err, FR_INVALID, "%s is a symbolic link: name the folder itself",
			       path);
	if (!S_ISDIR(info.st_mode))
		return fr_fail(err, FR_INVALID, "%s is not a folder", path);
	if (info.st_uid != geteuid())
		return fr_fail(err, FR_INVALID, "%s belongs to user %lu, not to you", path,
			       (unsigned long)info.st_uid);
	return fr_fail_system(err, FR_IO, code, "cannot open folder %s", path);
}

static enum fr_status folder_judge(int fd, const char *path, struct fr_error *err)
{
	struct stat info;

	if (fstat(fd, &info) != 0)
		return fr_fail_system(err, FR_IO, errno, "cannot look at %s", path);
	if (info.st_uid != geteuid())
		return folder_explain(path, 0, err);
	if ((info.st_mode & 077) != 0 && fchmod(fd, 0700) != 0)
		return fr_fail_system(err, FR_IO, errno,
				      "others may read %s, and it cannot be changed", path);
	return FR_OK;
}

enum fr_status fr_folder_check(const char *path, struct fr_error *err)
{
	char whole[FR_PATH_MAX];
	enum fr_status status = path_trim(whole, path, err);
	int fd;

	if (status != FR_OK)
		return status;
	fd = folder_open(whole, O_NOFOLLOW);
	if (fd < 0)
		return folder_explain(whole, errno, err);
	status = folder_judge(fd, whole, err);
	(void)close(fd);
	return status;
}

enum fr_status fr_folder_is_local(const char *path, struct fr_error *err)
{
	char kind[64];

	if (!fr_platform_is_remote(path, kind, sizeof kind))
		return FR_OK;
	return fr_fail(err, FR_IO,
		       "%s is on a network file system (%s), where a queue would not be safe: "
		       "choose another home",
		       path, kind);
}

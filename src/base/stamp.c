/* Times in nanoseconds go under different names: POSIX has st_mtim, macOS st_mtimespec. */
#include "base/stamp.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

static int64_t nanoseconds(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void fr_stamp_take(struct fr_stamp *stamp, const char *path)
{
	struct stat info;

	*stamp = (struct fr_stamp){0};
	if (lstat(path, &info) != 0) {
		stamp->fault = errno;
		return;
	}
	stamp->device = (uint64_t)info.st_dev;
	stamp->inode = (uint64_t)info.st_ino;
	stamp->size = (int64_t)info.st_size;
	stamp->modified_ns = nanoseconds(info.st_mtim);
	stamp->changed_ns = nanoseconds(info.st_ctim);
}

bool fr_stamp_is_same(const struct fr_stamp *a, const struct fr_stamp *b)
{
	return a->fault == b->fault && a->device == b->device && a->inode == b->inode &&
	       a->size == b->size && a->modified_ns == b->modified_ns &&
	       a->changed_ns == b->changed_ns;
}

bool fr_stamp_renew(struct fr_stamp *stamp, const char *path)
{
	struct fr_stamp old = *stamp;

	fr_stamp_take(stamp, path);
	return !fr_stamp_is_same(stamp, &old);
}

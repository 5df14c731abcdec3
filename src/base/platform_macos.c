/* macOS: the continuous clock, the boot session's UUID, getentropy, and the kernel's own word on
 * whether a file system is local. fsync there does not empty the drive's cache; F_FULLFSYNC does.
 */
#include "base/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <mach/mach_time.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include "base/text.h"

enum { ENTROPY_MAX = 256 }; /* what one getentropy gives at most */

const char *const fr_platform_state_folder = "Library/Application Support";

static int64_t microseconds_of(uint64_t ticks)
{
	mach_timebase_info_data_t scale = {0, 0};

	if (mach_timebase_info(&scale) != 0 || scale.denom == 0)
		return (int64_t)(ticks / 1000);
	/* in two steps: ticks * numer would overflow within days on some machines */
	return (int64_t)(ticks / scale.denom * scale.numer / 1000 +
			 ticks % scale.denom * scale.numer / scale.denom / 1000);
}

int64_t fr_platform_boot_us(void)
{
	return microseconds_of(mach_continuous_time());
}

int64_t fr_platform_awake_us(void)
{
	return microseconds_of(mach_absolute_time());
}

/* The notices of IOKit want a run loop of their own. A Mac that wakes up joins its network anew,
 * and the routing socket tells of that. */
int fr_platform_resume_open(void)
{
	return -1;
}

void fr_platform_resume_read(int fd)
{
	(void)fd;
}

void fr_platform_boot_id(char out[FR_BOOT_ID_TEXT])
{
	size_t size = FR_BOOT_ID_TEXT - 1;

	if (sysctlbyname("kern.bootsessionuuid", out, &size, NULL, 0) != 0)
		size = 0;
	out[size] = '\0';
}

enum fr_status fr_platform_random(void *out, size_t length)
{
	unsigned char *at = out;

	while (length > 0) {
		size_t piece = length < ENTROPY_MAX ? length : ENTROPY_MAX;

		if (getentropy(at, piece) != 0)
			return FR_IO;
		at += piece;
		length -= piece;
	}
	return FR_OK;
}

int fr_platform_sync(int fd)
{
	int done;

	if (fcntl(fd, F_FULLFSYNC) == 0)
		return 0;
	do /* a file system that knows no full sync */
		done = fsync(fd);
	while (done != 0 && errno == EINTR);
	return done;
}

bool fr_platform_is_remote(const char *path, char *out, size_t size)
{
	struct statfs info;

	if (statfs(path, &info) != 0 || (info.f_flags & MNT_LOCAL) != 0)
		return false;
	(void)fr_text_copy(out, size, info.f_fstypename);
	return true;
}

bool fr_platform_descriptor_path(int fd, char *out, size_t size)
{
	(void)fd; /* /dev/fd/N opens the thing itself: no path leads on from there */
	(void)out;
	(void)size;
	return false;
}

bool fr_platform_socket_mute(int fd)
{
	const int yes = 1;

	return setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes) == 0;
}

bool fr_platform_peer_user(int fd, uid_t *user)
{
	gid_t group;

	return getpeereid(fd, user, &group) == 0;
}

/* Linux: CLOCK_BOOTTIME, the kernel's boot id, getrandom, and file systems told apart by statfs.
 *
 * A file system is refused only when it is known to be shared between machines: there SQLite's
 * locks and its mapped -shm file lie. FUSE carries local and remote ones alike (and the files of
 * many containers), so there the mount table is asked for the kind.
 */
#include "base/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum { FUSE_MAGIC = 0x65735546 };

static const struct {
	uint32_t magic;
	const char *name;
} remote_systems[] = {
	{0x6969, "nfs"},        {0x517b, "smb"},          {0xff534d42, "cifs"},
	{0xfe534d42, "smb"},    {0x564c, "ncp"},          {0x5346414f, "afs"},
	{0x6b414653, "afs"},    {0x73757245, "coda"},     {0x00c36400, "ceph"},
	{0x0bd00bd0, "lustre"}, {0x47504653, "gpfs"},     {0xaad7aaea, "panfs"},
	{0x19830326, "beegfs"}, {0x20030528, "orangefs"},
};

static const char *const remote_fuse[] = {
	"fuse.sshfs",     "fuse.s3fs",     "fuse.rclone",     "fuse.glusterfs", "fuse.ceph-fuse",
	"fuse.curlftpfs", "fuse.gcsfuse",  "fuse.gvfsd-fuse", "fuse.juicefs",   "fuse.goofys",
	"fuse.davfs2",    "fuse.mount-s3", "fuse.smbnetfs",   "fuse.nfs",
};

const char *const fr_platform_state_folder = ".local/state";

int64_t fr_platform_boot_us(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
		(void)clock_gettime(CLOCK_MONOTONIC, &now); /* a kernel before 2.6.39 */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t fr_platform_awake_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* A timer of the wall clock that never comes, but is cancelled whenever that clock jumps, as it
 * does in waking up. */
int fr_platform_resume_open(void)
{
	const time_t ten_years = 3650 * (time_t)86400;
	struct itimerspec never = {.it_value = {.tv_sec = time(NULL) + ten_years}};
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd >= 0 &&
	    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

void fr_platform_resume_read(int fd)
{
	uint64_t expirations;

	(void)!read(fd, &expirations, sizeof expirations); /* it says ECANCELED, and means it */
}

void fr_platform_boot_id(char out[FR_BOOT_ID_TEXT])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	if (fd >= 0) {
		got = read(fd, out, FR_BOOT_ID_TEXT - 1);
		(void)close(fd);
	}
	out[got > 0 ? got : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

enum fr_status fr_platform_random(void *out, size_t length)
{
	unsigned char *at = out;

	while (length > 0) {
		ssize_t got = getrandom(at, length, 0);

		if (got < 0 && errno != EINTR)
			return FR_IO;
		if (got > 0) {
			at += got;
			length -= (size_t)got;
		}
	}
	return FR_OK;
}

int fr_platform_sync(int fd)
{
	int done;

	do
		done = fsync(fd);
	while (done != 0 && errno == EINTR);
	return done;
}

/* A line of mountinfo: "36 35 98:0 /root /mount opts optional... - type source opts". */
static bool mount_line_is(const char *line, unsigned major_id, unsigned minor_id, char *type,
			  size_t size)
{
	unsigned line_major, line_minor;
	const char *dash = strstr(line, " - ");
	size_t length;

	/* the kernel's own numbers; too large a one would only fail to match */
	if (dash == NULL || sscanf(line, "%*u %*u %u:%u", &line_major, &line_minor) != 2)
		return false;
	if (line_major != major_id || line_minor != minor_id)
		return false;
	length = strcspn(dash + 3, " \n");
	if (length >= size)
		return false;
	memcpy(type, dash + 3, length);
	type[length] = '\0';
	return true;
}

static bool mount_type(const char *path, char *type, size_t size)
{
	char line[4096];
	struct stat info;
	bool found = false;
	FILE *file;

	if (stat(path, &info) != 0)
		return false;
	file = fopen("/proc/self/mountinfo", "re");
	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof line, file) != NULL)
		found = mount_line_is(line, major(info.st_dev), minor(info.st_dev), type, size);
	(void)fclose(file);
	return found;
}

static bool fuse_is_remote(const char *path, char *out, size_t size)
{
	char type[64];
	size_t i;

	if (!mount_type(path, type, sizeof type))
		return false;
	for (i = 0; i < sizeof remote_fuse / sizeof remote_fuse[0]; i++) {
		if (strcmp(type, remote_fuse[i]) == 0) {
			(void)fr_text_copy(out, size, type);
			return true;
		}
	}
	return false;
}

bool fr_platform_is_remote(const char *path, char *out, size_t size)
{
	struct statfs info;
	uint32_t magic;
	size_t i;

	if (statfs(path, &info) != 0)
		return false;
	magic = (uint32_t)info.f_type;
	if (magic == FUSE_MAGIC)
		return fuse_is_remote(path, out, size);
	for (i = 0; i < sizeof remote_systems / sizeof remote_systems[0]; i++) {
		if (magic == remote_systems[i].magic) {
			(void)fr_text_copy(out, size, remote_systems[i].name);
			return true;
		}
	}
	return false;
}

bool fr_platform_descriptor_path(int fd, char *out, size_t size)
{
	int length = snprintf(out, size, "/proc/self/fd/%d", fd);

	return length > 0 && (size_t)length < size && access("/proc/self/fd", X_OK) == 0;
}

bool fr_platform_socket_mute(int fd)
{
	(void)fd; /* here it is a flag of each send: MSG_NOSIGNAL */
	return true;
}

bool fr_platform_peer_user(int fd, uid_t *user)
{
	struct ucred peer;
	socklen_t length = sizeof peer;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || length != sizeof peer)
		return false;
	*user = peer.uid;
	return true;
}

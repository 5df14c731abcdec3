#include "agent/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"

enum { PID_TEXT = 32 };

/* What the holder wrote, or a word for an agent that has only just begun. */
static const char *holder_read(int fd, char out[PID_TEXT])
{
	ssize_t got = pread(fd, out, PID_TEXT - 1, 0);

	out[got > 0 ? got : 0] = '\0';
	out[strspn(out, "0123456789")] = '\0';
	return out[0] != '\0' ? out : "unknown";
}

/* The new number goes over the former one: on a full disk that is room enough. */
static bool holder_write(int fd)
{
	char text[PID_TEXT];
	int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	return pwrite(fd, text, (size_t)length, 0) == length && ftruncate(fd, length) == 0;
}

enum fr_status fr_instance_take(struct fr_instance *instance, const char *home,
				struct fr_error *err)
{
	char path[FR_PATH_MAX], pid[PID_TEXT];
	enum fr_status status = fr_path_join(path, home, "agent.lock", err);
	int fd;

	instance->fd = -1;
	if (status != FR_OK)
		return status;
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return fr_fail_system(err, FR_IO, errno, "cannot open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		status = errno == EWOULDBLOCK
				 ? fr_fail(err, FR_BUSY,
					   "another agent (process %s) already serves %s",
					   holder_read(fd, pid), home)
				 : fr_fail_system(err, FR_IO, errno, "cannot lock %s", path);
	} else if (!holder_write(fd) && errno != ENOSPC && errno != EDQUOT) {
		status = fr_fail_system(err, FR_IO, errno, "cannot write %s", path);
	}
	if (status == FR_OK)
		instance->fd = fd;
	else
		(void)close(fd);
	return status;
}

void fr_instance_give(struct fr_instance *instance)
{
	if (instance->fd >= 0)
		(void)close(instance->fd); /* and with it the lock */
	instance->fd = -1;
}

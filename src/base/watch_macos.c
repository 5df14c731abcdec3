/* macOS: a kqueue of its own, which is a descriptor that can be waited for like any other. */
#include "base/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <unistd.h>

enum fr_status fr_watch_open(struct fr_watch *watch, struct fr_error *err)
{
	*watch = (struct fr_watch){.fd = kqueue()};
	if (watch->fd < 0)
		return fr_fail_system(err, FR_IO, errno, "cannot watch files");
	(void)fcntl(watch->fd, F_SETFD, FD_CLOEXEC);
	return FR_OK;
}

void fr_watch_close(struct fr_watch *watch)
{
	for (size_t i = 0; i < watch->held_count; i++)
		(void)close(watch->held[i]);
	if (watch->fd >= 0)
		(void)close(watch->fd);
	*watch = (struct fr_watch){.fd = -1};
}

void fr_watch_path(struct fr_watch *watch, const char *path)
{
	struct kevent change;
	int fd;

	if (watch->held_count == FR_WATCH_MAX)
		return;
	fd = open(path, O_EVTONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	EV_SET(&change, (uintptr_t)fd, EVFILT_VNODE, EV_ADD | EV_CLEAR,
	       NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_RENAME | NOTE_DELETE, 0, NULL);
	if (kevent(watch->fd, &change, 1, NULL, 0, NULL) != 0) {
		(void)close(fd);
		return;
	}
	watch->held[watch->held_count++] = fd;
}

void fr_watch_read(struct fr_watch *watch)
{
	static const struct timespec at_once = {0, 0};
	struct kevent events[8];
	int got;

	do
		got = kevent(watch->fd, NULL, 0, events, 8, &at_once);
	while (got > 0 || (got < 0 && errno == EINTR));
}

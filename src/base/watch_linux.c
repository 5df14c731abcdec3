/* Linux: inotify. */
#include "base/watch.h"

#include <errno.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { EVENTS_BYTES = 4096 };

enum fr_status fr_watch_open(struct fr_watch *watch, struct fr_error *err)
{
	*watch = (struct fr_watch){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
	if (watch->fd < 0)
		return fr_fail_system(err, FR_IO, errno, "cannot watch files");
	return FR_OK;
}

void fr_watch_close(struct fr_watch *watch)
{
	if (watch->fd >= 0)
		(void)close(watch->fd);
	watch->fd = -1;
}

/* A file that is being written is none that was written: IN_MODIFY is left out. */
void fr_watch_path(struct fr_watch *watch, const char *path)
{
	const uint32_t what = IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF |
			      IN_DELETE_SELF;

	(void)inotify_add_watch(watch->fd, path, what);
}

void fr_watch_read(struct fr_watch *watch)
{
	_Alignas(struct inotify_event) char events[EVENTS_BYTES];
	ssize_t got;

	do
		got = read(watch->fd, events, sizeof events);
	while (got > 0 || (got < 0 && errno == EINTR));
}

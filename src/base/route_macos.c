/* macOS: the routing socket. Each read is one message; what it adds, or brings up, is news. */
#include "base/route.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 4096 };

/* What every message begins with. */
struct route_head {
	unsigned short length;
	unsigned char version;
	unsigned char type;
};

enum fr_status fr_route_open(int *fd, struct fr_error *err)
{
	enum fr_status status = FR_OK;

	*fd = socket(PF_ROUTE, SOCK_RAW, AF_UNSPEC);
	if (*fd < 0)
		return fr_fail_system(err, FR_IO, errno, "cannot ask for news of the network");
	if (fcntl(*fd, F_SETFL, O_NONBLOCK) != 0 || fcntl(*fd, F_SETFD, FD_CLOEXEC) != 0) {
		status = fr_fail_system(err, FR_IO, errno, "cannot ask for news of the network");
		(void)close(*fd);
		*fd = -1;
	}
	return status;
}

static bool link_is_news(const char *bytes, size_t length)
{
	struct if_msghdr link;

	if (length < sizeof link)
		return false;
	memcpy(&link, bytes, sizeof link);
	return (link.ifm_flags & IFF_UP) != 0 && (link.ifm_flags & IFF_RUNNING) != 0;
}

static bool route_is_news(const char *bytes, size_t length)
{
	struct rt_msghdr route;

	if (length < sizeof route)
		return false;
	memcpy(&route, bytes, sizeof route);
	return route.rtm_errno == 0 && (route.rtm_flags & (RTF_WASCLONED | RTF_LLINFO)) == 0;
}

static bool message_is_news(const char *bytes, size_t length)
{
	struct route_head head;

	if (length < sizeof head)
		return false;
	memcpy(&head, bytes, sizeof head);
	if (head.version != RTM_VERSION)
		return false;
	switch (head.type) {
	case RTM_ADD:
		return route_is_news(bytes, length);
	case RTM_IFINFO:
		return link_is_news(bytes, length);
	default:
		return head.type == RTM_NEWADDR;
	}
}

bool fr_route_read(int fd)
{
	char bytes[MESSAGE_BYTES];
	bool found = false;

	for (;;) {
		ssize_t got = recv(fd, bytes, sizeof bytes, 0);

		if (got > 0)
			found = message_is_news(bytes, (size_t)got) || found;
		else if (got < 0 && errno == ENOBUFS)
			found = true;
		else if (got == 0 || errno != EINTR)
			return found;
	}
}

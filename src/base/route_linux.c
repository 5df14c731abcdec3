/* Linux: rtnetlink.
 *
 * Routes tell most of it: an address that is given to a link brings routes with it. They do not
 * tell of a cable that is plugged in again, whose addresses never went; the link does. Messages
 * that were lost because they came too fast (ENOBUFS) count as good news.
 */
#include "base/route.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGES_BYTES = 16 * 1024 };

enum fr_status fr_route_open(int *fd, struct fr_error *err)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE,
	};
	enum fr_status status = FR_OK;

	*fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (*fd < 0)
		return fr_fail_system(err, FR_IO, errno, "cannot ask for news of the network");
	if (bind(*fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		status = fr_fail_system(err, FR_IO, errno, "cannot ask for news of the network");
		(void)close(*fd);
		*fd = -1;
	}
	return status;
}

/* What NLMSG_DATA gives, which takes const away. */
static const void *payload_of(const struct nlmsghdr *message)
{
	return (const char *)message + NLMSG_HDRLEN;
}

static bool has_attribute(const struct nlmsghdr *message, size_t head, unsigned short type)
{
	size_t left = NLMSG_PAYLOAD(message, head);
	const char *at = (const char *)payload_of(message) + NLMSG_ALIGN(head);

	while (left >= sizeof(struct rtattr)) {
		const struct rtattr *attribute = (const void *)at;
		size_t length = RTA_ALIGN(attribute->rta_len);

		if (attribute->rta_len < sizeof *attribute || attribute->rta_len > left)
			return false;
		if (attribute->rta_type == type)
			return true;
		at += length < left ? length : left;
		left -= length < left ? length : left;
	}
	return false;
}

/* A wireless card tells of every scan by a message of its link. */
static bool link_is_news(const struct nlmsghdr *message)
{
	const struct ifinfomsg *link = payload_of(message);

	return message->nlmsg_len >= NLMSG_LENGTH(sizeof *link) &&
	       (link->ifi_flags & IFF_UP) != 0 && (link->ifi_flags & IFF_RUNNING) != 0 &&
	       !has_attribute(message, sizeof *link, IFLA_WIRELESS);
}

/* Copies that the kernel makes of a route for one destination are none of their own. */
static bool route_is_news(const struct nlmsghdr *message)
{
	const struct rtmsg *route = payload_of(message);

	return message->nlmsg_len >= NLMSG_LENGTH(sizeof *route) &&
	       (route->rtm_flags & RTM_F_CLONED) == 0 && route->rtm_type == RTN_UNICAST;
}

static bool is_news(const struct nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWLINK:
		return link_is_news(message);
	case RTM_NEWROUTE:
		return route_is_news(message);
	default:
		return false;
	}
}

static bool messages_are_news(const char *bytes, size_t length)
{
	bool found = false;

	while (length >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *message = (const void *)bytes;
		size_t size = NLMSG_ALIGN(message->nlmsg_len);

		if (message->nlmsg_len < sizeof *message || message->nlmsg_len > length)
			break;
		found = found || is_news(message);
		bytes += size < length ? size : length;
		length -= size < length ? size : length;
	}
	return found;
}

bool fr_route_read(int fd)
{
	_Alignas(struct nlmsghdr) char bytes[MESSAGES_BYTES];
	bool found = false;

	for (;;) {
		ssize_t got = recv(fd, bytes, sizeof bytes, 0);

		if (got > 0)
			found = messages_are_news(bytes, (size_t)got) || found;
		else if (got < 0 && errno == ENOBUFS)
			found = true;
		else if (got == 0 || errno != EINTR)
			return found;
	}
}

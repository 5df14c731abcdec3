#include "support/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool is_done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return is_done;
}

/* Who is not root is it in a namespace of users of its own, where it goes by its own number. */
static bool namespace_enter(void)
{
	char users[64], groups[64];

	(void)snprintf(users, sizeof users, "%u %u 1", (unsigned)getuid(), (unsigned)getuid());
	(void)snprintf(groups, sizeof groups, "%u %u 1", (unsigned)getgid(), (unsigned)getgid());
	if (unshare(CLONE_NEWNET) == 0)
		return true;
	return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 &&
	       file_write("/proc/self/setgroups", "deny") &&
	       file_write("/proc/self/uid_map", users) && file_write("/proc/self/gid_map", groups);
}

static bool device_control(unsigned long what, void *argument)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_done = fd >= 0 && ioctl(fd, what, argument) == 0;

	if (fd >= 0)
		(void)close(fd);
	return is_done;
}

static void give_up(const char *what)
{
	perror(what);
	abort();
}

static void address_set(struct sockaddr *out, const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
		give_up(text);
	memcpy(out, &address, sizeof address);
}

static bool flags_set(bool is_up)
{
	struct ifreq flags = {.ifr_name = "lo"};

	flags.ifr_flags = (short)(is_up ? IFF_UP | IFF_RUNNING : 0);
	return device_control(SIOCSIFFLAGS, &flags);
}

/* Without an address connecting fails at once; with one, and a device that is down, it hangs. */
static bool device_set(bool is_up)
{
	struct ifreq address = {.ifr_name = "lo"}, mask = {.ifr_name = "lo"};

	address_set(&address.ifr_addr, is_up ? "127.0.0.1" : "0.0.0.0");
	address_set(&mask.ifr_netmask, "255.0.0.0");
	return device_control(SIOCSIFADDR, &address) &&
	       (!is_up || device_control(SIOCSIFNETMASK, &mask)) && flags_set(is_up);
}

bool test_network_make(void)
{
	return namespace_enter() && device_set(true);
}

void test_network_set_up(bool is_up)
{
	if (!device_set(is_up))
		give_up("the loopback device");
}

void test_network_go_silent(void)
{
	if (!flags_set(false))
		give_up("the loopback device");
}

void test_network_set_route(bool is_there)
{
	char device[] = "lo";
	struct rtentry route = {.rt_flags = RTF_UP, .rt_dev = device};

	address_set(&route.rt_dst, "192.0.2.0");
	address_set(&route.rt_genmask, "255.255.255.0");
	if (!device_control(is_there ? SIOCADDRT : SIOCDELRT, &route))
		give_up("a route");
}

/* The happy path fills in sun_path. Only a path that does not fit costs a descriptor of its folder,
 * which is held as long as the address, since the short name goes through it.
 */
#include "base/socket.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/platform.h"

/* folder/name through a descriptor of the folder. */
static enum fr_status address_shorten(struct fr_socket_address *address, const char *folder,
				      const char *name, struct fr_error *err)
{
	const int most = (int)sizeof address->name.sun_path;
	char alias[64];
	int length;

	address->folder = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (address->folder < 0)
		return fr_fail_system(err, errno == ENOENT ? FR_NONE : FR_IO, errno,
				      "cannot open folder %s", folder);
	if (fr_platform_descriptor_path(address->folder, alias, sizeof alias)) {
		length = snprintf(address->name.sun_path, (size_t)most, "%s/%s", alias, name);
		if (length > 0 && length < most)
			return FR_OK;
	}
	fr_socket_address_fini(address);
	return fr_fail(err, FR_TOO_LARGE,
		       "%s/%s is %zu bytes long, and a socket's path has at most %d: "
		       "choose a home with a shorter path",
		       folder, name, strlen(folder) + 1 + strlen(name), most - 1);
}

enum fr_status fr_socket_address_init(struct fr_socket_address *address, const char *folder,
				      const char *name, struct fr_error *err)
{
	const int most = (int)sizeof address->name.sun_path;
	int length;

	*address = (struct fr_socket_address){.folder = -1};
	address->name.sun_family = AF_UNIX;
	length = snprintf(address->name.sun_path, (size_t)most, "%s/%s", folder, name);
	if (length > 0 && length < most)
		return FR_OK;
	return address_shorten(address, folder, name, err);
}

void fr_socket_address_fini(struct fr_socket_address *address)
{
	if (address->folder >= 0)
		(void)close(address->folder); /* only ever a name to go through */
	address->folder = -1;
}

const struct sockaddr *fr_socket_name(const struct fr_socket_address *address)
{
	return (const struct sockaddr *)(const void *)&address->name;
}

socklen_t fr_socket_name_length(void)
{
	return (socklen_t)sizeof(struct sockaddr_un);
}

static bool socket_tame(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	       fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fr_platform_socket_mute(fd);
}

enum fr_status fr_socket_open(int type, int *fd, struct fr_error *err)
{
	int code;

	assert(type == SOCK_STREAM || type == SOCK_DGRAM);
	*fd = socket(AF_UNIX, type, 0);
	if (*fd < 0)
		return fr_fail_system(err, FR_IO, errno, "cannot make a socket");
	if (socket_tame(*fd))
		return FR_OK;
	code = errno;
	(void)close(*fd);
	*fd = -1;
	return fr_fail_system(err, FR_IO, code, "cannot set up a socket");
}

bool fr_socket_is_own_user(int fd)
{
	uid_t user;

	return fr_platform_peer_user(fd, &user) && user == geteuid();
}

/* The Unix sockets of a home: found by folder and name, whatever the length of the path.
 *
 * A socket's address holds about a hundred bytes of path. A longer one is reached through a
 * descriptor of its folder where the system has names for those (Linux: /proc/self/fd/N/name), and
 * refused with its length elsewhere.
 */
#ifndef FR_BASE_SOCKET_H
#define FR_BASE_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/status.h"

struct fr_socket_address {
	struct sockaddr_un name;
	int folder; /* held open while the address is in use, -1 when it was not needed */
};

/* The address of folder/name. FR_NONE when the folder is missing, FR_TOO_LARGE when there is no way
 * to name it. On failure nothing is held. */
enum fr_status fr_socket_address_init(struct fr_socket_address *address, const char *folder,
				      const char *name, struct fr_error *err);
void fr_socket_address_fini(struct fr_socket_address *address);

/* For bind, connect and sendto. */
const struct sockaddr *fr_socket_name(const struct fr_socket_address *address);
socklen_t fr_socket_name_length(void);

/* A Unix socket (SOCK_STREAM, SOCK_DGRAM) that never blocks, is closed by exec and raises no
 * SIGPIPE where the system can promise it for a socket (elsewhere: MSG_NOSIGNAL). */
enum fr_status fr_socket_open(int type, int *fd, struct fr_error *err);

/* Does the other end of a connected socket belong to this user? False when nobody can say. */
bool fr_socket_is_own_user(int fd);

#endif

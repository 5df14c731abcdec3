/* What differs between operating systems, one small file each: platform_linux.c, platform_macos.c.
 *
 * Only base/ includes this; everybody else sees base/env.h and base/file.h.
 */
#ifndef FR_BASE_PLATFORM_H
#define FR_BASE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"

enum { FR_BOOT_ID_TEXT = 40 };

/* Where programs keep their state, below the user's home directory. */
extern const char *const fr_platform_state_folder;

/* Microseconds since boot, the time asleep included. */
int64_t fr_platform_boot_us(void);

/* Microseconds since boot without the time asleep. */
int64_t fr_platform_awake_us(void);

/* base/sleep.h: a descriptor that tells of waking up; -1: none. */
int fr_platform_resume_open(void);
void fr_platform_resume_read(int fd);

/* The id of this boot, "" when the system does not say. */
void fr_platform_boot_id(char out[FR_BOOT_ID_TEXT]);

enum fr_status fr_platform_random(void *out, size_t length);

/* Flushes an open file to stable storage, the drive's own cache included; -1 and errno. */
int fr_platform_sync(int fd);

/* Names the network file system a path is on (into out, terminated) and returns true; false when it
 * is a local one or the path cannot be asked about. */
bool fr_platform_is_remote(const char *path, char *out, size_t size);

/* A short path that leads to what an open descriptor is of; false where the system has none. */
bool fr_platform_descriptor_path(int fd, char *out, size_t size);

/* No SIGPIPE from this socket, where that is a property of sockets; false and errno when it failed.
 */
bool fr_platform_socket_mute(int fd);

/* The user at the other end of a connected Unix socket; false when nobody can say. */
bool fr_platform_peer_user(int fd, uid_t *user);

#endif

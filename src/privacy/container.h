/* Which container a process runs in, as /proc tells it. Pure: texts in, an id out.
 *
 * An id is exactly 64 lower-case hexadecimal digits. Looser rules find "2" in session-2.scope.
 */
#ifndef FR_PRIVACY_CONTAINER_H
#define FR_PRIVACY_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

enum { FR_CONTAINER_ID = 65 };

/* Of /proc/self/cgroup: the last id in any of its paths. */
bool fr_container_of_cgroup(char out[FR_CONTAINER_ID], const char *text, size_t length);

/* Of /proc/self/mountinfo, for cgroup v2, where the path is only "/": the first of
 *   - an id behind "crio-" or "cri-containerd:";
 *   - the last id of a line with "/containers/" or "overlay-containers/";
 *   - an id of a line with "hostname".
 * Never one behind "/sandboxes/": that is the pod's pause container. */
bool fr_container_of_mountinfo(char out[FR_CONTAINER_ID], const char *text, size_t length);

#endif

/* News from the kernel that the network may be better than before: a link has come up, an address
 * can be reached by a route that was not there.
 *
 * A socket that becomes readable. What got worse is no news: it shows in the next request. Nor are
 * the messages by which a kernel keeps telling what it told before (the scans of a wireless card,
 * the lifetimes of IPv6 addresses), or nothing here could ever sleep.
 */
#ifndef FR_BASE_ROUTE_H
#define FR_BASE_ROUTE_H

#include <stdbool.h>

#include "base/status.h"

/* Non-blocking, closed by exec; the caller closes it. */
enum fr_status fr_route_open(int *fd, struct fr_error *err);

/* Takes all that is there; true when something of it may help. */
bool fr_route_read(int fd);

#endif

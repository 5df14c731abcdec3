/* wake.sock: where programs say that there is work, and when it is safe to sleep for good.
 *
 * Invariant (client/wake.h has the other half): on_look is called soon after every datagram, and
 * for the last time at least FR_WAKE_AGAIN_MS after the last one, or after the start when none
 * came. Only then is the mailbox quiet. All datagrams that are there are taken before a look, so
 * that one that comes during it leads to another. Threads: the loop's. Life: open binds; start
 * begins to read, with a first look.
 */
#ifndef FR_AGENT_MAILBOX_H
#define FR_AGENT_MAILBOX_H

#include <stdbool.h>

#include "base/status.h"

struct event_base;
struct fr_mailbox;

struct fr_mailbox_options {
	struct event_base *loop;
	const char *home;
	void (*on_look)(void *context, bool flush); /* flush: somebody asked to send now */
	void *context;
};

enum fr_status fr_mailbox_open(struct fr_mailbox **out, const struct fr_mailbox_options *options,
			       struct fr_error *err);

/* Removes the socket's name. Accepts NULL. */
void fr_mailbox_close(struct fr_mailbox *mailbox);

void fr_mailbox_start(struct fr_mailbox *mailbox);

/* Nobody has said anything for long enough, and it was looked since. */
bool fr_mailbox_is_quiet(const struct fr_mailbox *mailbox);

#endif

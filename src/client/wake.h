/* Tells the agent that there is work: one datagram to wake.sock, now and then, never waiting.
 *
 * The agent sleeps for good only when FR_WAKE_AGAIN_MS have passed since the last datagram (and
 * since it bound its socket), and looks at the queue once more before it does. A wake-up is
 * therefore never lost if, for every commit, an attempt to tell lies at most FR_WAKE_EVERY_MS
 * before its end:
 *   the attempt was heard: the agent's last look comes after the commit;
 *   it was not heard: whatever agent there will be binds its socket after the attempt, and looks
 *   later still.
 * Telling before the commit is what makes a SIGKILL between the two harmless.
 * Threads: one at a time. Life: init, then any number of attempts, fini. Nothing is opened before
 * the first one.
 */
#ifndef FR_CLIENT_WAKE_H
#define FR_CLIENT_WAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/env.h"
#include "base/socket.h"

#define FR_WAKE_SOCKET "wake.sock"

enum {
	FR_WAKE_EVERY_MS = 1000,
	FR_WAKE_AGAIN_MS = FR_WAKE_EVERY_MS + 1000,
	FR_WAKE_RETRY_MS = 10, /* no agent: how long until it is worth trying again */
};

/* What a datagram says, one byte: look into the queue; look, and send without waiting for more. */
enum fr_wake_word {
	FR_WAKE_LOOK = 'w',
	FR_WAKE_FLUSH = 'f',
};

struct fr_wake {
	const struct fr_env *env; /* borrowed */
	const char *home;         /* borrowed */
	int fd;                   /* -1: not open */
	bool has_address;
	struct fr_socket_address address;
	bool was_tried, was_heard;
	int64_t tried_us; /* boot clock of the last attempt ... */
	int64_t heard_us; /* ... and of the last one that an agent got */
};

void fr_wake_init(struct fr_wake *wake, const char *home, const struct fr_env *env);
void fr_wake_fini(struct fr_wake *wake);

/* Around every commit. Both are free of system calls most of the time. */
void fr_wake_before_commit(struct fr_wake *wake);
void fr_wake_after_commit(struct fr_wake *wake);

/* Says it now. Was there an agent to hear it? */
bool fr_wake_say(struct fr_wake *wake, enum fr_wake_word word);

#endif

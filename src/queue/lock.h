/* queue.lock: where writers queue up, so that SQLite's own busy handling never decides who waits.
 *
 * A flock() on a file of its own, polled at 10-50 us up to a bounded time. Waiters note the time in
 * a word that is mapped from the file; whoever releases and sees that somebody waited lately steps
 * back for 150 us, which is what makes it fair. The word is advice only: a SIGKILL leaves it stale,
 * and nothing is lost by that. Invariants: always this lock first, then SQLite. A fork child closes
 * the inherited descriptors, so that it cannot keep a dead parent's lock.
 */
#ifndef FR_QUEUE_LOCK_H
#define FR_QUEUE_LOCK_H

#include <stdbool.h>

#include "base/env.h"
#include "base/status.h"

struct fr_lock;

/* Opens (and makes, 0600) the lock file; does not lock. */
enum fr_status fr_lock_open(struct fr_lock **out, const char *path, struct fr_error *err);
void fr_lock_close(struct fr_lock *lock);

/* In a fork child: forgets a parent's lock; its descriptor was closed by the fork handler. */
void fr_lock_abandon(struct fr_lock *lock);

/* FR_OK, or FR_BUSY after wait_ms. */
enum fr_status fr_lock_acquire(struct fr_lock *lock, unsigned wait_ms, struct fr_error *err);
void fr_lock_release(struct fr_lock *lock);

#endif

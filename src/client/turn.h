/* Threads take turns at the queue: first come, first served, and nobody waits longer than he said.
 *
 * A mutex would do but for two things: it cannot be waited for with a limit everywhere, and it
 * lets a thread that records in a loop take it again before those who wait are awake.
 * Threads: all. Life: init, take and give in pairs, fini with nobody inside. Its memory may not
 * move.
 */
#ifndef FR_CLIENT_TURN_H
#define FR_CLIENT_TURN_H

#include <pthread.h>
#include <stdbool.h>

#include "base/status.h"

struct fr_turn_waiter;

struct fr_turn {
	pthread_mutex_t mutex; /* over the three below; held for instants */
	bool taken;
	struct fr_turn_waiter *first;
	struct fr_turn_waiter *last;
};

enum fr_status fr_turn_init(struct fr_turn *turn, struct fr_error *err);
void fr_turn_fini(struct fr_turn *turn);

/* FR_OK, or FR_BUSY when the turn had not come after wait_ms. */
enum fr_status fr_turn_take(struct fr_turn *turn, unsigned wait_ms, struct fr_error *err);
void fr_turn_give(struct fr_turn *turn);

/* Around a fork: before it, the forking thread takes the turn, however long that takes, so that
 * nobody is inside; behind it both processes give it back, and the child forgets those who waited
 * in the parent. */
void fr_turn_before_fork(struct fr_turn *turn);
void fr_turn_after_fork(struct fr_turn *turn, bool is_child);

#endif

/* Who is next: agents ordered by the time of the one thing that each waits for.
 *
 * Invariants: an agent is in it at most once; equal times go by the agent's number, so that a run
 * is the same every time.
 * Life: init makes room for everybody, fini gives it back.
 */
#ifndef FR_FLEET_HEAP_H
#define FR_FLEET_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fleet_turn {
	int64_t at_us;
	uint32_t agent;
};

struct fleet_heap {
	struct fleet_turn *turns;
	size_t *place; /* of each agent in turns; SIZE_MAX: it waits for nothing */
	size_t count, room;
};

/* False: out of memory. */
bool fleet_heap_init(struct fleet_heap *heap, size_t agents);
void fleet_heap_fini(struct fleet_heap *heap);

/* The agent waits for this time, and for no other any more. */
void fleet_heap_set(struct fleet_heap *heap, uint32_t agent, int64_t at_us);

/* Takes the earliest out; false when nobody waits. */
bool fleet_heap_take(struct fleet_heap *heap, struct fleet_turn *turn);

#endif

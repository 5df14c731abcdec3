/* A binary heap in an array. place[] follows every move: an agent's turn is found at once. */
#include "fleet/heap.h"

#include <assert.h>
#include <stdlib.h>

bool fleet_heap_init(struct fleet_heap *heap, size_t agents)
{
	*heap = (struct fleet_heap){.room = agents};
	heap->turns = calloc(agents, sizeof *heap->turns);
	heap->place = calloc(agents, sizeof *heap->place);
	if (heap->turns == NULL || heap->place == NULL) {
		fleet_heap_fini(heap);
		return false;
	}
	for (size_t i = 0; i < agents; i++)
		heap->place[i] = SIZE_MAX;
	return true;
}

void fleet_heap_fini(struct fleet_heap *heap)
{
	free(heap->turns);
	free(heap->place);
	*heap = (struct fleet_heap){.count = 0};
}

static bool is_before(const struct fleet_turn *a, const struct fleet_turn *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->agent < b->agent;
}

static void turn_put(struct fleet_heap *heap, size_t at, struct fleet_turn turn)
{
	heap->turns[at] = turn;
	heap->place[turn.agent] = at;
}

static void turn_rise(struct fleet_heap *heap, size_t at, struct fleet_turn turn)
{
	while (at > 0 && is_before(&turn, &heap->turns[(at - 1) / 2])) {
		turn_put(heap, at, heap->turns[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	turn_put(heap, at, turn);
}

static void turn_sink(struct fleet_heap *heap, size_t at, struct fleet_turn turn)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < heap->count &&
		    is_before(&heap->turns[child + 1], &heap->turns[child]))
			child++;
		if (child >= heap->count || !is_before(&heap->turns[child], &turn))
			break;
		turn_put(heap, at, heap->turns[child]);
		at = child;
	}
	turn_put(heap, at, turn);
}

void fleet_heap_set(struct fleet_heap *heap, uint32_t agent, int64_t at_us)
{
	struct fleet_turn turn = {at_us, agent};
	size_t at = heap->place[agent];

	assert(agent < heap->room);
	if (at == SIZE_MAX)
		turn_rise(heap, heap->count++, turn);
	else if (is_before(&turn, &heap->turns[at]))
		turn_rise(heap, at, turn);
	else
		turn_sink(heap, at, turn);
}

bool fleet_heap_take(struct fleet_heap *heap, struct fleet_turn *turn)
{
	if (heap->count == 0)
		return false;
	*turn = heap->turns[0];
	heap->place[turn->agent] = SIZE_MAX;
	heap->count--;
	if (heap->count > 0)
		turn_sink(heap, 0, heap->turns[heap->count]);
	return true;
}

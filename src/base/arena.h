/* Memory that is given back all at once: whatever a config or a catalogue needs, on every way out.
 *
 * Life: init, take..., fini. Threads: one owner.
 */
#ifndef FR_BASE_ARENA_H
#define FR_BASE_ARENA_H

#include <stddef.h>

struct fr_arena_block;

struct fr_arena {
	struct fr_arena_block *blocks;
};

void fr_arena_init(struct fr_arena *arena);
void fr_arena_fini(struct fr_arena *arena);

/* Zeroed memory for count things of this size, NULL when memory is short; valid until fini. */
void *fr_arena_take(struct fr_arena *arena, size_t count, size_t size);

/* A copy of these bytes with a NUL behind them. */
char *fr_arena_text(struct fr_arena *arena, const char *text, size_t length);

/* An array with room for one more behind its first count elements: the same one or, whenever
 * count is a power of 2, a copy with twice the room. NULL when memory is short. */
void *fr_arena_room(struct fr_arena *arena, void *array, size_t count, size_t size);

#endif

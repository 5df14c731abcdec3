#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct fr_arena_block {
	struct fr_arena_block *next;
	alignas(max_align_t) unsigned char bytes[];
};

void fr_arena_init(struct fr_arena *arena)
{
	arena->blocks = NULL;
}

void fr_arena_fini(struct fr_arena *arena)
{
	while (arena->blocks != NULL) {
		struct fr_arena_block *block = arena->blocks;

		arena->blocks = block->next;
		free(block);
	}
}

void *fr_arena_take(struct fr_arena *arena, size_t count, size_t size)
{
	struct fr_arena_block *block;

	if (size > 0 && count > (SIZE_MAX - sizeof *block) / size)
		return NULL;
	block = calloc(1, sizeof *block + count * size);
	if (block == NULL)
		return NULL;
	block->next = arena->blocks;
	arena->blocks = block;
	return block->bytes;
}

char *fr_arena_text(struct fr_arena *arena, const char *text, size_t length)
{
	char *copy = fr_arena_take(arena, 1, length + 1);

	if (copy != NULL)
		memcpy(copy, text, length);
	return copy;
}

void *fr_arena_room(struct fr_arena *arena, void *array, size_t count, size_t size)
{
	void *larger;

	if (count != 0 && (count & (count - 1)) != 0)
		return array;
	larger = fr_arena_take(arena, count != 0 ? 2 * count : 1, size);
	if (larger != NULL && count > 0)
		memcpy(larger, array, count * size);
	return larger;
}

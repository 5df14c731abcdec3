/* splitmix64 for the randomness; a short list for the variables. */
#include "support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t world_wall_us(void *context)
{
	return ((struct test_world *)context)->wall_us;
}

static int64_t world_boot_us(void *context)
{
	return ((struct test_world *)context)->boot_us;
}

static enum fr_status world_random(void *context, void *out, size_t length)
{
	struct test_world *world = context;
	unsigned char *bytes = out;

	for (size_t i = 0; i < length; i++) {
		uint64_t mixed = world->seed += 0x9e3779b97f4a7c15u;

		mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
		mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
		bytes[i] = (unsigned char)(mixed >> 56);
	}
	return FR_OK;
}

static const char *world_variable(void *context, const char *name)
{
	const struct test_world *world = context;

	for (size_t i = 0; i < world->variable_count; i++) {
		if (strcmp(world->variables[i].name, name) == 0)
			return world->variables[i].value;
	}
	return NULL;
}

void test_world_init(struct test_world *world)
{
	*world = (struct test_world){
		.wall_us = INT64_C(1795336500) * 1000000,
		.boot_us = INT64_C(1000) * 1000000,
		.seed = 1,
		.env = {.wall_us = world_wall_us,
			.boot_us = world_boot_us,
			.random_bytes = world_random,
			.variable = world_variable,
			.boot_id = "00000000-0000-4000-8000-00000000b007",
			.context = world},
	};
}

void test_world_set(struct test_world *world, const char *name, const char *value)
{
	size_t at = 0;

	while (at < world->variable_count && strcmp(world->variables[at].name, name) != 0)
		at++;
	if (at == TEST_VARIABLES_MAX) {
		fprintf(stderr, "test support: no room for the variable %s\n", name);
		abort();
	}
	world->variables[at].name = name;
	world->variables[at].value = value;
	if (at == world->variable_count)
		world->variable_count++;
}

void test_world_pass(struct test_world *world, int64_t us)
{
	world->wall_us += us;
	world->boot_us += us;
}

/* A world of a test's own: clocks that stand still until they are moved, randomness from a seed,
 * and only the environment variables that the test has set.
 */
#ifndef FR_TEST_WORLD_H
#define FR_TEST_WORLD_H

#include "base/env.h"

enum { TEST_VARIABLES_MAX = 16 };

struct test_world {
	struct fr_env env; /* give &world.env to what is under test */
	int64_t wall_us;   /* 2026-11-22T08:35:00Z to begin with */
	int64_t boot_us;
	uint64_t seed;
	struct {
		const char *name;
		const char *value;
	} variables[TEST_VARIABLES_MAX];
	size_t variable_count;
};

/* The env points into the world: it must not be copied or moved. */
void test_world_init(struct test_world *world);

/* The texts are borrowed; value NULL unsets it. */
void test_world_set(struct test_world *world, const char *name, const char *value);

/* Moves both clocks. */
void test_world_pass(struct test_world *world, int64_t us);

#endif

/* Internal events exist where one variable has one value, and nowhere else. */
#include "support/test.h"

#include "privacy/internal.h"
#include "support/world.h"

static void without_a_rule_internal_events_exist_nowhere(void **state)
{
	struct test_world world;

	(void)state;
	test_world_init(&world);
	test_world_set(&world, "USER_TYPE", "ant");
	assert_false(fr_internal_is_allowed(NULL, NULL, &world.env));
	assert_false(fr_internal_is_allowed("", "ant", &world.env));
	assert_false(fr_internal_is_allowed("USER_TYPE", NULL, &world.env));
	assert_false(fr_internal_is_allowed("USER_TYPE", "", &world.env));
}

static void an_unset_or_empty_variable_is_a_no(void **state)
{
	struct test_world world;

	(void)state;
	test_world_init(&world);
	assert_false(fr_internal_is_allowed("USER_TYPE", "ant", &world.env));
	test_world_set(&world, "USER_TYPE", "");
	assert_false(fr_internal_is_allowed("USER_TYPE", "ant", &world.env));
	assert_false(fr_internal_is_allowed("USER_TYPE", "", &world.env));
}

static void only_the_exact_value_is_a_yes(void **state)
{
	static const char *const others[] = {"Ant", "ant ", "an", "antelope", "1", "true"};
	struct test_world world;

	(void)state;
	test_world_init(&world);
	test_world_set(&world, "USER_TYPE", "ant");
	assert_true(fr_internal_is_allowed("USER_TYPE", "ant", &world.env));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		test_world_set(&world, "USER_TYPE", others[i]);
		assert_false(fr_internal_is_allowed("USER_TYPE", "ant", &world.env));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_rule_internal_events_exist_nowhere),
		cmocka_unit_test(an_unset_or_empty_variable_is_a_no),
		cmocka_unit_test(only_the_exact_value_is_a_yes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

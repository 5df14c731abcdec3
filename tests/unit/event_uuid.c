/* UUIDs: version and variant in place, the time in front, and nothing else taken for one. */
#include "support/test.h"

#include <string.h>

#include "event/uuid.h"
#include "support/world.h"

static void version_7_begins_with_its_milliseconds(void **state)
{
	struct test_world world;
	char text[FR_UUID_TEXT];

	(void)state;
	test_world_init(&world);
	/* the example of RFC 9562, appendix A.6 */
	assert_int_equal(fr_uuid7(text, &world.env, INT64_C(0x017F22E279B0) * 1000 + 999, NULL),
			 FR_OK);
	assert_memory_equal(text, "017f22e2-79b0-7", 15);
	assert_non_null(strchr("89ab", text[19]));
	assert_true(fr_uuid_is_valid(text));
}

static void version_7_sorts_by_time_and_differs_within_one(void **state)
{
	struct test_world world;
	char before[FR_UUID_TEXT] = "", text[FR_UUID_TEXT];
	int i;

	(void)state;
	test_world_init(&world);
	for (i = 0; i < 1000; i++) {
		assert_int_equal(fr_uuid7(text, &world.env, world.wall_us, NULL), FR_OK);
		assert_true(strcmp(before, text) < 0);
		memcpy(before, text, sizeof text);
		test_world_pass(&world, 1000);
	}
	assert_int_equal(fr_uuid7(before, &world.env, world.wall_us, NULL), FR_OK);
	assert_int_equal(fr_uuid7(text, &world.env, world.wall_us, NULL), FR_OK);
	assert_string_not_equal(before, text);
}

static void a_clock_before_1970_counts_as_1970(void **state)
{
	struct test_world world;
	char text[FR_UUID_TEXT];

	(void)state;
	test_world_init(&world);
	assert_int_equal(fr_uuid7(text, &world.env, -5000000, NULL), FR_OK);
	assert_memory_equal(text, "00000000-0000-7", 15);
}

static void version_4_is_random_but_for_its_marks(void **state)
{
	struct test_world world;
	char one[FR_UUID_TEXT], other[FR_UUID_TEXT];

	(void)state;
	test_world_init(&world);
	assert_int_equal(fr_uuid4(one, &world.env, NULL), FR_OK);
	assert_int_equal(fr_uuid4(other, &world.env, NULL), FR_OK);
	assert_string_not_equal(one, other);
	assert_int_equal(one[14], '4');
	assert_non_null(strchr("89ab", one[19]));
	assert_true(fr_uuid_is_valid(one));
}

static enum fr_status no_randomness(void *context, void *out, size_t length)
{
	(void)context;
	(void)out;
	(void)length;
	return FR_IO;
}

static void without_randomness_there_is_no_id(void **state)
{
	struct test_world world;
	struct fr_error err;
	char text[FR_UUID_TEXT];

	(void)state;
	test_world_init(&world);
	world.env.random_bytes = no_randomness;
	assert_int_equal(fr_uuid7(text, &world.env, 0, &err), FR_IO);
	assert_non_null(strstr(err.text, "random"));
	assert_int_equal(fr_uuid4(text, &world.env, &err), FR_IO);
}

static void only_the_canonical_text_is_valid(void **state)
{
	static const char *const wrong[] = {
		"",
		"00000000-0000-4000-8000-00000000000",
		"00000000-0000-4000-8000-0000000000000",
		"00000000-0000-4000-8000-00000000000G",
		"00000000-0000-4000-8000-00000000000A",
		"0000000-00000-4000-8000-000000000000",
		"00000000x0000-4000-8000-000000000000",
		"{0000000-0000-4000-8000-000000000000",
		"00000000-0000-4000-8000-00000000000\n",
		"000000000000400080000000000000000000",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		if (fr_uuid_is_valid(wrong[i]))
			fail_msg("\"%s\"", wrong[i]);
	assert_true(fr_uuid_is_valid("00000000-0000-4000-8000-000000000000"));
	assert_true(fr_uuid_is_valid("01234567-89ab-cdef-0123-456789abcdef"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_7_begins_with_its_milliseconds),
		cmocka_unit_test(version_7_sorts_by_time_and_differs_within_one),
		cmocka_unit_test(a_clock_before_1970_counts_as_1970),
		cmocka_unit_test(version_4_is_random_but_for_its_marks),
		cmocka_unit_test(without_randomness_there_is_no_id),
		cmocka_unit_test(only_the_canonical_text_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A buffer grows up to its ceiling, keeps what it has when it cannot grow, and remembers why. */
#include "support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

static void an_empty_buffer_reads_as_an_empty_text(void **state)
{
	struct fr_buffer buffer;

	(void)state;
	fr_buffer_init(&buffer, 100);
	assert_string_equal(fr_buffer_text(&buffer), "");
	fr_buffer_add(&buffer, NULL, 0);
	assert_string_equal(fr_buffer_text(&buffer), "");
	assert_int_equal(buffer.status, FR_OK);
	fr_buffer_fini(&buffer);
}

static void additions_follow_each_other(void **state)
{
	struct fr_buffer buffer;

	(void)state;
	fr_buffer_init(&buffer, 100);
	fr_buffer_add(&buffer, "abc", 2);
	fr_buffer_add_text(&buffer, "cd");
	fr_buffer_add_char(&buffer, '-');
	fr_buffer_add_format(&buffer, "%03d%s", 7, "!");
	assert_string_equal(fr_buffer_text(&buffer), "abcd-007!");
	assert_int_equal(buffer.length, 9);
	fr_buffer_fini(&buffer);
}

static void integers_are_written_as_printf_writes_them(void **state)
{
	static const int64_t values[] = {0, 7, -7, 10, -10, 1234567890123, INT64_MAX, INT64_MIN};
	struct fr_buffer buffer;
	char expected[32];
	size_t i;

	(void)state;
	fr_buffer_init(&buffer, 100);
	for (i = 0; i < sizeof values / sizeof values[0]; i++) {
		fr_buffer_clear(&buffer);
		fr_buffer_add_int(&buffer, values[i]);
		(void)snprintf(expected, sizeof expected, "%" PRId64, values[i]);
		assert_string_equal(fr_buffer_text(&buffer), expected);
	}
	fr_buffer_fini(&buffer);
}

static void a_buffer_holds_exactly_its_ceiling(void **state)
{
	struct fr_buffer buffer;
	size_t i;

	(void)state;
	fr_buffer_init(&buffer, 1000);
	for (i = 0; i < 1000; i++)
		fr_buffer_add_char(&buffer, 'x');
	assert_int_equal(buffer.status, FR_OK);
	assert_int_equal(buffer.length, 1000);
	assert_int_equal(buffer.capacity, 1001);
	fr_buffer_add_char(&buffer, 'y');
	assert_int_equal(buffer.status, FR_TOO_LARGE);
	assert_int_equal(buffer.length, 1000);
	assert_int_equal(strlen(fr_buffer_text(&buffer)), 1000);
	fr_buffer_fini(&buffer);
}

static void after_an_error_nothing_more_is_added(void **state)
{
	struct fr_buffer buffer;

	(void)state;
	fr_buffer_init(&buffer, 5);
	fr_buffer_add_text(&buffer, "abc");
	fr_buffer_add_text(&buffer, "too long");
	fr_buffer_add_text(&buffer, "d"); /* would fit */
	fr_buffer_add_format(&buffer, "%d", 1);
	assert_int_equal(buffer.status, FR_TOO_LARGE);
	assert_string_equal(fr_buffer_text(&buffer), "abc");
	assert_null(fr_buffer_take(&buffer, NULL));
	fr_buffer_clear(&buffer);
	fr_buffer_add_text(&buffer, "again");
	assert_int_equal(buffer.status, FR_OK);
	assert_string_equal(fr_buffer_text(&buffer), "again");
	fr_buffer_fini(&buffer);
}

static void a_zeroed_buffer_holds_nothing(void **state)
{
	struct fr_buffer buffer = {0};

	(void)state;
	fr_buffer_add_char(&buffer, 'x');
	assert_int_equal(buffer.status, FR_TOO_LARGE);
	fr_buffer_fini(&buffer);
}

static void the_largest_ceiling_does_not_overflow(void **state)
{
	struct fr_buffer buffer;

	(void)state;
	fr_buffer_init(&buffer, SIZE_MAX);
	fr_buffer_add_text(&buffer, "abc");
	assert_int_equal(buffer.status, FR_OK);
	assert_false(fr_buffer_reserve(&buffer, SIZE_MAX - 3));
	assert_int_equal(buffer.status, FR_TOO_LARGE);
	assert_string_equal(fr_buffer_text(&buffer), "abc");
	fr_buffer_fini(&buffer);
}

static void reserved_room_is_not_asked_for_again(void **state)
{
	struct fr_buffer buffer;
	const char *data;

	(void)state;
	fr_buffer_init(&buffer, 10000);
	assert_true(fr_buffer_reserve(&buffer, 5000));
	assert_string_equal(fr_buffer_text(&buffer), "");
	data = buffer.data;
	while (buffer.length < 5000)
		fr_buffer_add_text(&buffer, "0123456789");
	assert_ptr_equal(buffer.data, data);
	fr_buffer_fini(&buffer);
}

static void a_buffer_is_cut_back_to_an_earlier_length(void **state)
{
	struct fr_buffer buffer;

	(void)state;
	fr_buffer_init(&buffer, 100);
	fr_buffer_add_text(&buffer, "kept and cut");
	fr_buffer_cut(&buffer, 4);
	assert_string_equal(fr_buffer_text(&buffer), "kept");
	fr_buffer_add_text(&buffer, "!");
	assert_string_equal(fr_buffer_text(&buffer), "kept!");
	fr_buffer_fini(&buffer);
}

static void taking_moves_the_bytes_out(void **state)
{
	struct fr_buffer buffer;
	size_t length;
	char *data;

	(void)state;
	fr_buffer_init(&buffer, 100);
	fr_buffer_add(&buffer, "a\0b", 3);
	data = fr_buffer_take(&buffer, &length);
	assert_non_null(data);
	assert_int_equal(length, 3);
	assert_memory_equal(data, "a\0b", 4);
	free(data);
	assert_int_equal(buffer.length, 0);
	fr_buffer_add_text(&buffer, "next");
	assert_string_equal(fr_buffer_text(&buffer), "next");
	fr_buffer_fini(&buffer);
}

static void taking_from_an_empty_buffer_gives_an_empty_text(void **state)
{
	struct fr_buffer buffer;
	char *data;

	(void)state;
	fr_buffer_init(&buffer, 0);
	data = fr_buffer_take(&buffer, NULL);
	assert_non_null(data);
	assert_string_equal(data, "");
	free(data);
	fr_buffer_fini(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_reads_as_an_empty_text),
		cmocka_unit_test(additions_follow_each_other),
		cmocka_unit_test(integers_are_written_as_printf_writes_them),
		cmocka_unit_test(a_buffer_holds_exactly_its_ceiling),
		cmocka_unit_test(after_an_error_nothing_more_is_added),
		cmocka_unit_test(a_zeroed_buffer_holds_nothing),
		cmocka_unit_test(the_largest_ceiling_does_not_overflow),
		cmocka_unit_test(reserved_room_is_not_asked_for_again),
		cmocka_unit_test(a_buffer_is_cut_back_to_an_earlier_length),
		cmocka_unit_test(taking_moves_the_bytes_out),
		cmocka_unit_test(taking_from_an_empty_buffer_gives_an_empty_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

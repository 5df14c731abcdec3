#include "support/test.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "ship/gzip.h"

static void expect_round_trip(const void *data, size_t length)
{
	struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
	char *packed, *unpacked = malloc(length);
	size_t packed_length, unpacked_length;
	struct fr_error err = {0};

	assert_non_null(decompressor);
	assert_non_null(unpacked);
	assert_int_equal(fr_gzip(&packed, &packed_length, data, length, &err), FR_OK);
	assert_true(packed_length < length);
	assert_int_equal(libdeflate_gzip_decompress(decompressor, packed, packed_length, unpacked,
						    length, &unpacked_length),
			 LIBDEFLATE_SUCCESS);
	assert_int_equal(unpacked_length, length);
	assert_memory_equal(unpacked, data, length);
	free(packed);
	free(unpacked);
	libdeflate_free_decompressor(decompressor);
}

static void a_body_comes_out_of_gzip_as_it_went_in(void **state)
{
	struct fr_buffer body;
	int i;

	(void)state;
	fr_buffer_init(&body, 1 << 22);
	for (i = 0; i < 20000; i++) {
		fr_buffer_add_format(&body, "{\"eventId\":\"%d\",\"x\":%d},", i, i * 7919);
		if (i == 60 || i == 5000)
			expect_round_trip(body.data, body.length);
	}
	expect_round_trip(body.data, body.length);
	fr_buffer_fini(&body);
}

static void the_same_bytes_in_give_the_same_bytes_out(void **state)
{
	static char body[4096];
	char *first, *second;
	size_t first_length, second_length;

	(void)state;
	assert_int_equal(fr_gzip(&first, &first_length, body, sizeof body, NULL), FR_OK);
	assert_int_equal(fr_gzip(&second, &second_length, body, sizeof body, NULL), FR_OK);
	assert_int_equal(first_length, second_length);
	assert_memory_equal(first, second, first_length);
	free(first);
	free(second);
}

static void what_would_not_become_smaller_is_left_alone(void **state)
{
	static char noise[8192];
	uint32_t random = 1;
	char *packed;
	size_t length, i;

	(void)state;
	for (i = 0; i < sizeof noise; i++) {
		random = random * 1664525U + 1013904223U;
		noise[i] = (char)(random >> 24);
	}
	assert_int_equal(fr_gzip(&packed, &length, noise, sizeof noise, NULL), FR_NONE);
	assert_null(packed);
	memset(noise, 'x', sizeof noise);
	assert_int_equal(fr_gzip(&packed, &length, noise, FR_GZIP_LEAST_BYTES - 1, NULL), FR_NONE);
	assert_null(packed);
	assert_int_equal(fr_gzip(&packed, &length, noise, 0, NULL), FR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_comes_out_of_gzip_as_it_went_in),
		cmocka_unit_test(the_same_bytes_in_give_the_same_bytes_out),
		cmocka_unit_test(what_would_not_become_smaller_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

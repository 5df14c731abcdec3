/* XXH64 by published values, one for each way through it. */
#include "support/test.h"

#include <string.h>

#include "base/checksum.h"

static void checksum_must_be(const char *text, const char *expected)
{
	char hex[FR_CHECKSUM_HEX];

	fr_checksum_hex(hex, text, strlen(text));
	assert_string_equal(hex, expected);
}

static void published_values_come_out(void **state)
{
	(void)state;
	checksum_must_be("", "ef46db3751d8e999");
	checksum_must_be("a", "d24ec4f1a98c6e5b");
	checksum_must_be("abc", "44bc2cf5ad770999");
	checksum_must_be("Nobody inspects the spammish repetition", "fbcea83c8a378bf1");
	checksum_must_be("The quick brown fox jumps over the lazy dog", "0b242d361fda71bc");
}

static void it_does_not_matter_where_the_bytes_lie(void **state)
{
	static const char text[] = "forty-eight bytes of text, of any kind whatever.";
	const uint64_t expected = fr_checksum(text, sizeof text - 1);
	char moved[sizeof text + 8];

	(void)state;
	for (size_t offset = 0; offset < 8; offset++) {
		memcpy(moved + offset, text, sizeof text);
		assert_true(fr_checksum(moved + offset, sizeof text - 1) == expected);
	}
}

static void every_byte_counts(void **state)
{
	char text[100];
	uint64_t expected;

	(void)state;
	memset(text, 'x', sizeof text);
	expected = fr_checksum(text, sizeof text);
	for (size_t i = 0; i < sizeof text; i++) {
		text[i] ^= 1;
		assert_true(fr_checksum(text, sizeof text) != expected);
		text[i] ^= 1;
		assert_true(fr_checksum(text, i) != expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values_come_out),
		cmocka_unit_test(it_does_not_matter_where_the_bytes_lie),
		cmocka_unit_test(every_byte_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

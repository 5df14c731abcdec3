/* SHA-256 by the vectors of FIPS 180-4, and the bucket vectors of the privacy rules. */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

static void digest_must_be(const char *text, size_t length, const char *expected)
{
	char hex[FR_DIGEST_HEX];

	assert_int_equal(fr_digest_hex(hex, text, length, NULL), FR_OK);
	assert_memory_equal(hex, expected, strlen(expected));
	assert_int_equal(strlen(hex), 64);
}

static void published_vectors_come_out(void **state)
{
	char *million = malloc(1000000);

	(void)state;
	assert_non_null(million);
	memset(million, 'a', 1000000);
	digest_must_be("abc", 3,
		       "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_must_be("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_must_be("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	digest_must_be(million, 1000000,
		       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

static void the_bucket_vectors_begin_as_documented(void **state)
{
	(void)state;
	digest_must_be("user-123", 8, "fcdec6df");
	digest_must_be("00000000-0000-4000-8000-000000000000", 36, "db8055e0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_come_out),
		cmocka_unit_test(the_bucket_vectors_begin_as_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

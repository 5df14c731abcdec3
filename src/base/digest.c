#include "base/digest.h"

#include <openssl/evp.h>

enum fr_status fr_digest_hex(char out[FR_DIGEST_HEX], const void *data, size_t length,
			     struct fr_error *err)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	unsigned i;

	if (EVP_Digest(data, length, digest, &size, EVP_sha256(), NULL) != 1 || size != 32)
		return fr_fail(err, FR_NOMEM, "SHA-256 is not to be had from OpenSSL");
	for (i = 0; i < size; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[2 * size] = '\0';
	return FR_OK;
}

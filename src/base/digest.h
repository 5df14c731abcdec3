/* SHA-256, through OpenSSL; the only file that includes it. */
#ifndef FR_BASE_DIGEST_H
#define FR_BASE_DIGEST_H

#include <stddef.h>

#include "base/status.h"

enum { FR_DIGEST_HEX = 65 };

/* Lower-case hex of SHA-256(data), NUL-terminated. FR_NOMEM if OpenSSL could not. */
enum fr_status fr_digest_hex(char out[FR_DIGEST_HEX], const void *data, size_t length,
			     struct fr_error *err);

#endif

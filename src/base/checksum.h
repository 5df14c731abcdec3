/* XXH64, for telling whether the same bytes came out again. It is twenty times as fast as SHA-256
 * where the processor has no instructions for that, and it protects nothing: whoever wants to fool
 * it can.
 *
 * The algorithm is public: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
#ifndef FR_BASE_CHECKSUM_H
#define FR_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

enum { FR_CHECKSUM_HEX = 17 };

uint64_t fr_checksum(const void *data, size_t length);

/* The same as 16 lower-case hex digits, NUL-terminated. */
void fr_checksum_hex(char out[FR_CHECKSUM_HEX], const void *data, size_t length);

#endif

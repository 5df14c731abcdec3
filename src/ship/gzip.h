/* gzip of a whole request body, by libdeflate; the only file that includes it.
 *
 * The same bytes in give the same bytes out (no file name, no time). The compressor's tables live
 * for one call: they are several hundred KB, and an agent compresses for a few milliseconds a
 * minute.
 */
#ifndef FR_SHIP_GZIP_H
#define FR_SHIP_GZIP_H

#include <stddef.h>

#include "base/status.h"

/* Measured by tools/bench/gzip_bench.c. Level 5 packs 100 events to 13.4 % in half of the time in
 * which zlib's level 6 packs them to 14.2 %; level 6 takes a quarter longer for 0.4 % more, level 1
 * half as long for 2.5 % less. A body under 1 KiB fits into one packet as it is. */
enum { FR_GZIP_LEVEL = 5, FR_GZIP_LEAST_BYTES = 1024 };

/* Compresses into a new block of memory, which the caller frees. FR_NONE when it does not pay: the
 * body is short, or would not become smaller; *out is then NULL. */
enum fr_status fr_gzip(char **out, size_t *out_length, const void *data, size_t length,
		       struct fr_error *err);

#endif

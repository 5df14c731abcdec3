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

/* Measured by tools/bench/gzip_bench.c. Level 1 packs 100 events to 16.0 % in a quarter of the time
 * in which zlib's level 6 packs them to 14.2 %; level 5 takes more than twice as long for 13.5 %:
 * a third of all that a drain costs, for a kilobyte a request. A body under 1 KiB fits into one
 * packet as it is. */
enum { FR_GZIP_LEVEL = 1, FR_GZIP_LEAST_BYTES = 1024 };

/* Compresses into a new block of memory, which the caller frees. FR_NONE when it does not pay: the
 * body is short, or would not become smaller; *out is then NULL. */
enum fr_status fr_gzip(char **out, size_t *out_length, const void *data, size_t length,
		       struct fr_error *err);

#endif

/* Small text questions asked all over: globs, units, times. No locale, no allocation. */
#ifndef FR_BASE_TEXT_H
#define FR_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does text match a glob of literal characters, '*' and '?'. Linear in practice, never exponential.
 */
bool fr_glob_matches(const char *glob, const char *text);

/* "4MiB", "512KiB", "1000", "2GB" to bytes; false when it is not a size or too large for int64.
 * Units: B kB KB KiB MB MiB GB GiB TB TiB. */
bool fr_size_parse(const char *text, int64_t *bytes);

/* "15s", "500ms", "5m", "6h", "30d" to milliseconds; a number without its unit is no duration. */
bool fr_duration_parse(const char *text, int64_t *ms);

enum { FR_TIME_TEXT = 28 };

/* RFC 3339 in UTC with microseconds: 2026-11-22T08:35:00.123456Z. Years outside 0 to 9999 are
 * clamped. */
void fr_time_format(char out[FR_TIME_TEXT], int64_t wall_us);

/* RFC 3339 with any fraction and offset (a leap second counts as the second before); git's trace2
 * form is one. Years 1970 to 9999. */
bool fr_time_parse(const char *text, size_t length, int64_t *wall_us);

/* Copies with truncation; out is always terminated. Returns false when it did not fit. */
bool fr_text_copy(char *out, size_t size, const char *text);

/* The length, 1 to 4, of the well-formed character that text begins with; 0 when there is none. */
size_t fr_utf8_next(const char *text, size_t left);

/* True for well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool fr_utf8_is_valid(const char *text, size_t length);

/* How many characters well-formed UTF-8 has. */
size_t fr_utf8_count(const char *text, size_t length);

#endif

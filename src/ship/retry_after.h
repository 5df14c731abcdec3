/* The Retry-After header, RFC 9110: seconds, or a date in one of three forms. Pure. */
#ifndef FR_SHIP_RETRY_AFTER_H
#define FR_SHIP_RETRY_AFTER_H

#include <stdbool.h>
#include <stdint.h>

#define FR_RETRY_AFTER_MIN_MS INT64_C(1000)
#define FR_RETRY_AFTER_MAX_MS (INT64_C(6) * 3600 * 1000)

/* A date is judged by the server's own `Date`, never by our clock, which may be years off. Clamped
 * to 1 s ... 6 h; 0 when the header is absent or nonsense, or when a date comes without a Date to
 * judge it by. */
int64_t fr_retry_after_ms(const char *retry_after, const char *date);

/* IMF-fixdate, RFC 850 or asctime form, to microseconds since 1970. */
bool fr_http_date_parse(const char *text, int64_t *wall_us);

#endif

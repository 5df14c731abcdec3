/* Our own JSON scanner: validates, canonicalises, and keeps every digit.
 *
 * cJSON loses digits of 64-bit integers, stops at \u0000 and lets duplicate keys and trailing text
 * pass, so events never go through it. The scanner walks the text once, without recursion and
 * without memory of its own.
 *
 * Canonical: no white space; strings with only the escapes JSON demands (\" \\ \b \f \n \r \t and
 * \u00xx for other controls, \u0000 among them), everything else as UTF-8; numbers exactly as
 * written; members in the order given.
 */
#ifndef FR_EVENT_JSON_H
#define FR_EVENT_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/status.h"

enum { FR_JSON_DEPTH_MAX = 64 };

enum fr_json_kind {
	FR_JSON_OBJECT_BEGIN,
	FR_JSON_OBJECT_END,
	FR_JSON_ARRAY_BEGIN,
	FR_JSON_ARRAY_END,
	FR_JSON_KEY,
	FR_JSON_STRING,
	FR_JSON_NUMBER,
	FR_JSON_TRUE,
	FR_JSON_FALSE,
	FR_JSON_NULL,
	FR_JSON_END, /* the value is complete and nothing follows but white space */
};

/* A pull scanner over borrowed text. Every token is fully validated before it is returned: grammar,
 * UTF-8 inside strings, paired surrogates, depth. Duplicate keys are the caller's to judge
 * (event/canonical.h does). */
struct fr_json {
	const char *text;
	size_t length;
	size_t at;    /* next byte to read */
	size_t start; /* where the last token began: raw text is text[start..at) */
	bool escaped; /* the last KEY or STRING holds a backslash: its raw text is not canonical */
	unsigned depth;
	unsigned max_depth;
	unsigned state;
	unsigned char stack[FR_JSON_DEPTH_MAX]; /* what is open, '{' or '[': one entry a level */
};

/* max_depth is at most FR_JSON_DEPTH_MAX. */
void fr_json_init(struct fr_json *json, const char *text, size_t length, unsigned max_depth);

/* FR_OK and the next token; FR_INVALID with the byte offset (from 1) and what is wrong;
 * FR_TOO_LARGE past max_depth. After a failure the scanner is of no further use. */
enum fr_status fr_json_next(struct fr_json *json, enum fr_json_kind *kind, struct fr_error *err);

/* Skips the value that begins with the token just returned (for containers: to their end). */
enum fr_status fr_json_skip(struct fr_json *json, enum fr_json_kind kind, struct fr_error *err);

/* Appends the last token in its canonical form (for a KEY: the string, without the colon). */
void fr_json_add_token(const struct fr_json *json, struct fr_buffer *out);

/* Appends the last KEY or STRING token decoded to UTF-8 (a \u0000 becomes a real NUL byte). */
enum fr_status fr_json_decode(const struct fr_json *json, struct fr_buffer *out);

/* The last KEY or STRING token decoded: borrowed from the scanner's text where that is possible,
 * else from scratch, which is cleared first. NULL when scratch could not grow. */
const char *fr_json_borrow(const struct fr_json *json, struct fr_buffer *scratch, size_t *length);

/* Appends a string as a canonical JSON string with its quotes. The input should be valid UTF-8;
 * each byte that is not becomes U+FFFD, so that what comes out always is. */
void fr_json_add_string(struct fr_buffer *out, const char *text, size_t length);

#endif

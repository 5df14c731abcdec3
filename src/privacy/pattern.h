/* A catalogue's `pattern`: a regular expression that cannot be made to backtrack.
 *
 * The language is the part of ECMA-262 (as JSON Schema 2020-12 asks for) that is regular:
 *   characters   a . [a-z] [^0-9] \d \D \w \W \s \S \t \n \r \f \v \0 \xHH \uHHHH \u{H...}, and any
 *                punctuation behind a backslash
 *   repetition   * + ? {n} {n,} {n,m}, also lazy
 *   structure    | ( ) (?: )
 *   anchors      ^ first and $ last, of the pattern or of an alternative outside of groups
 * Everything else (back references, look-around, \b, \p, named groups) is refused by name. A
 * pattern matches anywhere in a text unless it is anchored; characters are code points.
 *
 * Invariants: matching takes time in proportion to the text, at most FR_PATTERN_POSITIONS_MAX steps
 * a character, and no memory. Life: a compiled pattern lives in its arena. Threads: immutable once
 * it is compiled.
 */
#ifndef FR_PRIVACY_PATTERN_H
#define FR_PRIVACY_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"

enum {
	FR_PATTERN_BYTES_MAX = 1024,
	FR_PATTERN_POSITIONS_MAX = 256, /* characters and classes, with repetitions written out */
	FR_PATTERN_GROUPS_MAX = 32,     /* one inside the other */
};

struct fr_pattern;

/* The text is valid UTF-8, not necessarily terminated. FR_INVALID says what is wrong and at which
 * character (from 1); FR_TOO_LARGE past the bounds above; FR_NOMEM. */
enum fr_status fr_pattern_compile(struct fr_pattern **out, struct fr_arena *arena, const char *text,
				  size_t length, struct fr_error *err);

/* Must the whole text be what the pattern says? Without anchors it need only stand in it somewhere.
 */
bool fr_pattern_is_anchored(const struct fr_pattern *pattern);

/* The text is valid UTF-8. */
bool fr_pattern_matches(const struct fr_pattern *pattern, const char *text, size_t length);

#endif

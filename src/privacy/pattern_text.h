/* The text of a pattern while it is read, and the characters in it. Internal to pattern*.c. */
#ifndef FR_PRIVACY_PATTERN_TEXT_H
#define FR_PRIVACY_PATTERN_TEXT_H

#include "privacy/pattern_tree.h"

/* No NUL stands in the text, so that looking at *at needs at < end only at its end. */
struct fr_pattern_text {
	struct fr_arena *arena;
	struct fr_error *err;
	const char *begin, *at, *end;
};

/* FR_INVALID, with the place. */
enum fr_status fr_pattern_wrong(const struct fr_pattern_text *text, const char *what);

/* Moves past this character when it stands here. */
bool fr_pattern_take(struct fr_pattern_text *text, char c);

/* Reads one character, class or escape. */
enum fr_status fr_pattern_class_read(struct fr_pattern_text *text, struct fr_pattern_class **out);

#endif

/* A pattern as it was read: a tree of nodes in an arena. Internal to pattern*.c. */
#ifndef FR_PRIVACY_PATTERN_TREE_H
#define FR_PRIVACY_PATTERN_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "privacy/pattern.h"

enum { FR_PATTERN_WITHOUT_END = -1 };

struct fr_pattern_range {
	uint32_t first, last;
};

/* Which code points a position takes. */
struct fr_pattern_class {
	struct fr_pattern_range *ranges;
	size_t count;
	bool is_negated;
	uint64_t ascii[2]; /* the answer for those below 128 */
};

enum fr_pattern_kind {
	FR_PATTERN_CHARACTER, /* one code point of `characters` */
	FR_PATTERN_SEQUENCE,  /* the children, one behind the other */
	FR_PATTERN_CHOICE,    /* one of the children */
	FR_PATTERN_REPEAT,    /* the one child, least to most times */
};

struct fr_pattern_node {
	enum fr_pattern_kind kind;
	struct fr_pattern_node *child, *last_child, *next;
	struct fr_pattern_class *characters;
	int least, most;
	bool at_start, at_end; /* of an alternative outside of groups: its anchors */
};

/* *out is a CHOICE of SEQUENCEs. */
enum fr_status fr_pattern_read(struct fr_pattern_node **out, struct fr_arena *arena,
			       const char *text, size_t length, struct fr_error *err);

bool fr_pattern_takes(const struct fr_pattern_class *characters, uint32_t c);

#endif

/* What the three files of a draft share: draft.c (the builder), draft_reserved.c (the members that
 * are no properties) and draft_parse.c (whole objects).
 */
#ifndef FR_EVENT_DRAFT_PARTS_H
#define FR_EVENT_DRAFT_PARTS_H

#include "event/draft.h"

/* Is there a key, and is it a property's? One that is not allowed is counted as removed; a reserved
 * one is a failure. */
bool fr_draft_may_set(struct fr_draft *draft, const char *key);

/* Writes `"key":` for a key that is allowed; the caller then appends the value to draft->properties
 * and ends the property. False after a failure: the key stands there already, or is one too many.
 */
bool fr_draft_begin_property(struct fr_draft *draft, const char *key, size_t length);
void fr_draft_end_property(struct fr_draft *draft);

enum fr_reserved {
	FR_NOT_RESERVED = 0,
	FR_RESERVED_NAME = 1,
	FR_RESERVED_TIME = 2,
	FR_RESERVED_SEVERITY = 4,
	FR_RESERVED_TRACEPARENT = 8,
};

extern const struct fr_draft_fields fr_draft_own_fields;

/* Which reserved member a key is. */
enum fr_reserved fr_draft_reserved(const struct fr_draft_fields *fields, const char *key,
				   size_t length);

/* Takes a reserved member from text (NULL: it was not a string). Returns whether it read as one;
 * `field` is its name for the message that then sticks in the draft, or NULL to leave the draft
 * without one. */
bool fr_draft_take(struct fr_draft *draft, enum fr_reserved member, const char *field,
		   const char *text, size_t length);

#endif

/* "Did you mean": the nearest of several words, if one is near enough to be a slip of the fingers.
 *
 * Life: on the caller's stack; words are borrowed.
 */
#ifndef FR_CONFIG_SUGGEST_H
#define FR_CONFIG_SUGGEST_H

#include <stddef.h>

struct fr_suggestion {
	const char *word; /* what was written */
	const char *best; /* the nearest so far, NULL: none is near */
	size_t distance;
};

void fr_suggestion_init(struct fr_suggestion *suggestion, const char *word);
void fr_suggestion_consider(struct fr_suggestion *suggestion, const char *candidate);

#endif

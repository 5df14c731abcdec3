/* Comments taken out of a config or a catalogue in place, so that what is left is plain JSON on the
 * same lines. */
#ifndef FR_EVENT_COMMENTS_H
#define FR_EVENT_COMMENTS_H

#include <stdbool.h>
#include <stddef.h>

/* Blanks line comments, block comments and a byte order mark; newlines and all that stands in
 * strings stay. False when a block comment does not end, with *at where it begins. */
bool fr_comments_blank(char *text, size_t length, size_t *at);

#endif

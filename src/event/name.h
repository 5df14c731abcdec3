/* What events and their properties may be called. */
#ifndef FR_EVENT_NAME_H
#define FR_EVENT_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { FR_NAME_MAX = 128, FR_KEY_MAX = 64, FR_QUOTE_TEXT = 48 };

/* An event's name: 1 to 128 characters, a letter first, then letters, digits, '_' '.' ':' '-'. */
bool fr_name_is_valid(const char *name);

/* A property's key, at any depth: [A-Za-z_][A-Za-z0-9_.:-]{0,63}. */
bool fr_key_is_valid(const char *key, size_t length);

/* Somebody's text for use in a message: what is not printable ASCII becomes '?', and what is too
 * long is cut and ends in "...". */
void fr_name_quote(char out[FR_QUOTE_TEXT], const char *text, size_t length);

#endif

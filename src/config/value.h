/* One value of a config: what was written, read by the rules of its key's type.
 *
 * Pure: no place, no file; whoever asked puts file, line and key in front of what is wrong.
 */
#ifndef FR_CONFIG_VALUE_H
#define FR_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/keys.h"
#include "event/json.h"

struct fr_value {
	unsigned line;    /* where it was given; 0: nowhere, and the default holds */
	const char *text; /* as it was given, or the default; "" for neither */
	int64_t number;   /* what it means: bytes, milliseconds, a count, 0 or 1, a word's place */
	const char *variable; /* the environment variable it comes from; NULL: none */
	const char *place;    /* then: what messages call it, "url (OTEL_...)" */
};

/* A value as the scanner met it. */
struct fr_token {
	enum fr_json_kind kind;
	const char *text; /* a string decoded, anything else as written; NUL-terminated */
	size_t length;
};

enum { FR_WRONG_TEXT = 320 };

/* Judges a token by its key's row. True, with *number; else false, with what is wrong and what
 * would be right in words. Secrets are never repeated. */
bool fr_value_read(const struct fr_key *key, const struct fr_token *token, int64_t *number,
		   char wrong[FR_WRONG_TEXT]);

/* The value of a text written in the table itself, which is valid. */
int64_t fr_value_of(const struct fr_key *key, const char *text);

/* What a type is called: "a size", "a list of names". */
const char *fr_type_noun(enum fr_key_type type);

/* An event name or a glob that could match one. */
bool fr_glob_is_valid(const char *text);

/* A token as it can be shown: `"15 seco..."`, `17`, `a list`; never a secret of key, which may
 * be NULL. */
void fr_token_show(const struct fr_token *token, const struct fr_key *key, char *out, size_t size);

/* Text without control characters, cut with "..." where it is too long. */
void fr_text_show(const char *text, size_t length, char *out, size_t size);

#endif

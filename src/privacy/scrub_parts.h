/* What the files of the scrubber share. scrub.c walks over the text and asks, where something might
 * begin, one of those who know: scrub_places.c (paths, URLs, addresses), scrub_words.c (what stands
 * beside a word such as "password"), scrub_tokens.c (keys by their issuers' rules, and long random
 * ones), scrub_pattern.c (the owner's own patterns).
 *
 * Whoever finds something says from where to where and what is put in its place. Nothing may begin
 * before sight->floor: what is there has been decided.
 */
#ifndef FR_PRIVACY_SCRUB_PARTS_H
#define FR_PRIVACY_SCRUB_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "privacy/scrub.h"

enum {
	FR_SCRUB_NAME_MAX = 256,
	FR_SCRUB_PATH_MAX = 1024,
	FR_SCRUB_RUN_LEAST = 15, /* shorter runs are looked at only where the text ends */
};

/* What a byte may be the beginning of, or a part of. */
enum {
	FR_SCRUB_RUN = 1, /* letters, digits, _ and -: keys and tokens are made of them */
	FR_SCRUB_STOP =
		2, /* something may stand here: @ % : = / \ B G, or what a pattern begins with */
	FR_SCRUB_LETTER = 4,
	FR_SCRUB_DIGIT = 8,
	FR_SCRUB_HEX = 16,
	FR_SCRUB_BLANK = 32,
	FR_SCRUB_NAME = 64, /* of a file or a user: no separator, no quote, no blank */
	FR_SCRUB_BASE64 = 128,
	FR_SCRUB_BETWEEN = 256, /* a word and its value: blanks, quotes */
	FR_SCRUB_BEHIND = 512,  /* a value: where no key goes on */
};

struct fr_scrub_name {
	char text[FR_SCRUB_PATH_MAX];
	size_t length; /* 0: not known, or too common a word to tell anybody */
};

struct fr_scrub {
	uint16_t classes[256];
	unsigned char issuers[256]; /* the first of those that begin so */
	bool after_slash[256];      /* what a home, a login or a host may begin with */
	struct fr_scrub_name home;
	struct fr_scrub_name login;
	struct fr_scrub_name host;
	size_t pattern_count;
	char *patterns[FR_SCRUB_PATTERNS_MAX];
};

struct fr_sight {
	const struct fr_scrub *scrub;
	const char *text;
	size_t length;
	size_t floor;
};

struct fr_find {
	size_t from, to;
	const char *put;
};

static inline unsigned fr_sight_class(const struct fr_sight *sight, size_t at)
{
	return at < sight->length ? sight->scrub->classes[(unsigned char)sight->text[at]] : 0;
}

static inline bool fr_sight_is(const struct fr_sight *sight, size_t at, unsigned classes)
{
	return (fr_sight_class(sight, at) & classes) != 0;
}

/* The character there; NUL behind the end. */
static inline char fr_sight_char(const struct fr_sight *sight, size_t at)
{
	return at < sight->length ? sight->text[at] : '\0';
}

/* Does this stand there? */
bool fr_sight_says(const struct fr_sight *sight, size_t at, const char *words);

/* Does this end there? Any case. */
bool fr_sight_said(const struct fr_sight *sight, size_t end, const char *words);

/* The end of a stretch of bytes of these classes. */
size_t fr_sight_skip(const struct fr_sight *sight, size_t at, unsigned classes);

/* The byte that a percent code there stands for; -1: there is none. */
int fr_sight_percent(const struct fr_sight *sight, size_t at);

/* scrub_who.c: home, login and host, from the environment, /etc/passwd and the system. */
void fr_scrub_who(struct fr_scrub *scrub, const struct fr_env *env);

/* scrub_places.c */
bool fr_find_path(const struct fr_sight *sight, size_t slash, struct fr_find *find);
bool fr_find_coded_path(const struct fr_sight *sight, size_t percent, struct fr_find *find);
bool fr_find_url(const struct fr_sight *sight, size_t colon, struct fr_find *find);
bool fr_find_address(const struct fr_sight *sight, size_t at_sign, struct fr_find *find);

/* scrub_words.c: behind `=` or `:`; behind Bearer or Basic; for the whole value of a JSON key. */
bool fr_find_assigned(const struct fr_sight *sight, size_t sign, struct fr_find *find);
bool fr_find_scheme(const struct fr_sight *sight, size_t at, struct fr_find *find);
bool fr_find_keyed(const struct fr_sight *value, const char *key, size_t length,
		   struct fr_find *find);

/* NULL, or what is put for a key that stands beside such a word, as in "the key is 0f1e...". */
const char *fr_word_beside(const struct fr_sight *sight, size_t from);

/* scrub_tokens.c: a run of FR_SCRUB_RUN from..to, which may be found in part or with more around
 * it. */
bool fr_find_token(const struct fr_sight *sight, size_t from, size_t to, struct fr_find *find);
bool fr_find_pem(const struct fr_sight *sight, size_t letter_g, struct fr_find *find);

/* Fills scrub->issuers in. */
void fr_scrub_issuers(struct fr_scrub *scrub);

/* A key that an issuer's rule describes and that begins there, or a web token. */
bool fr_find_issued(const struct fr_sight *sight, size_t from, struct fr_find *find);

/* scrub_pattern.c: a pattern that begins there. */
bool fr_find_pattern(const struct fr_sight *sight, size_t at, struct fr_find *find);

/* scrub_shape.c: how a stretch of text looks. */
struct fr_shape {
	size_t length, digits, uppers, lowers, hexes, others;
	size_t changes; /* between digits, capitals and small letters */
};
struct fr_shape fr_shape_of(const char *text, size_t length);

/* Such as a generator of keys makes, of capitals, small letters and digits. */
bool fr_shape_is_random(const struct fr_shape *shape);
bool fr_is_uuid(const char *text, size_t length);

/* Base64 of text, or of a file whose first bytes tell what it is. */
bool fr_is_base64_of_known(const char *text, size_t length);

#endif

/* What stands beside a word that says it is secret: `password=`, `"api_key": "`, `--token `,
 * `Authorization: Bearer `, "the key is".
 *
 * A strong word (password, secret) hides whatever is not an ordinary word; a weak one (key, token)
 * only what looks like a key, since code is full of keys and tokens that are none.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "privacy/scrub_parts.h"

enum word_strength { WORD_NONE, WORD_WEAK, WORD_STRONG, WORD_SCHEME };

enum {
	WORD_MOST = 48,
	STRONG_LEAST = 6, /* shorter passwords exist, but longer words do too */
	WEAK_LEAST = 16,
	SCHEME_LEAST = 8,
	PLAIN_MOST = 8,    /* "sha256", "utf8mb4": names of things end in digits */
	PHRASE_LEAST = 16, /* no word is as long as that */
	BLANKS_MOST = 4,
	JUDGED_MOST = 1024, /* so much of a value tells what it is */
};

struct word {
	enum word_strength strength;
	const char *put;
};

/* ---- words ---- */

/* Which letters a word is made of, as bits: most words are told from all of these by one look. */
#define L(letter) (UINT32_C(1) << ((letter) - 'a'))

struct said {
	const char *part;
	uint32_t letters;
	struct word word;
};

static const struct said said_inside[] = {
	{"password", L('p') | L('a') | L('w') | L('d'), {WORD_STRONG, "<password>"}},
	{"passwd", L('p') | L('a') | L('w') | L('d'), {WORD_STRONG, "<password>"}},
	{"passphrase", L('p') | L('a') | L('h') | L('r'), {WORD_STRONG, "<password>"}},
	{"secret", L('s') | L('e') | L('c') | L('t'), {WORD_STRONG, "<secret>"}},
	{"private_key", L('p') | L('v') | L('k') | L('y'), {WORD_STRONG, "<key>"}},
	{"privatekey", L('p') | L('v') | L('k') | L('y'), {WORD_STRONG, "<key>"}},
};

static const struct said said_at_end[] = {
	{"pwd", L('p') | L('w') | L('d'), {WORD_STRONG, "<password>"}},
	{"authorization", L('u') | L('z') | L('h'), {WORD_SCHEME, "<token>"}},
	{"credential", L('c') | L('d') | L('l'), {WORD_WEAK, "<secret>"}},
	{"key", L('k') | L('e') | L('y'), {WORD_WEAK, "<key>"}},
	{"token", L('t') | L('k') | L('n'), {WORD_WEAK, "<token>"}},
	{"auth", L('a') | L('u') | L('h'), {WORD_WEAK, "<token>"}},
	{"signature", L('s') | L('g') | L('u'), {WORD_WEAK, "<signature>"}},
	{"sig", L('s') | L('i') | L('g'), {WORD_WEAK, "<signature>"}},
	{"cookie", L('c') | L('o') | L('k'), {WORD_WEAK, "<cookie>"}},
	{"session", L('s') | L('i') | L('n'), {WORD_WEAK, "<session>"}},
};

static uint32_t letters_of(const char *text, size_t length)
{
	uint32_t letters = 0;

	for (size_t i = 0; i < length; i++) {
		unsigned letter = ((unsigned char)text[i] | 0x20U) - 'a';

		if (letter < 26)
			letters |= UINT32_C(1) << letter;
	}
	return letters;
}

static bool ends_with(const char *text, size_t length, const char *part)
{
	size_t part_length = strlen(part);

	return length >= part_length &&
	       strncasecmp(text + length - part_length, part, part_length) == 0;
}

static bool has(const char *text, size_t length, const char *part)
{
	for (; length > 0; length--)
		if (ends_with(text, length, part))
			return true;
	return false;
}

/* Keys that unlock nothing. */
static bool is_harmless(const char *text, size_t length)
{
	static const char *const parts[] = {"public", "primary", "foreign",
					    "cache",  "sort",    "partition"};

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (has(text, length, parts[i]))
			return true;
	return false;
}

/* API_KEY_2 */
static bool is_of_number(char c)
{
	return c == '_' || (c >= '0' && c <= '9');
}

static struct word word_judge(const char *text, size_t length)
{
	uint32_t letters = letters_of(text, length);
	const struct said *said = said_inside;
	size_t singular;

	for (; said < said_inside + sizeof said_inside / sizeof *said; said++)
		if ((said->letters & ~letters) == 0 && has(text, length, said->part))
			return said->word;
	while (length > 0 && is_of_number(text[length - 1]))
		length--;
	singular = length > 0 && (text[length - 1] | 0x20) == 's' ? length - 1 : length;
	for (said = said_at_end; said < said_at_end + sizeof said_at_end / sizeof *said; said++)
		if ((said->letters & ~letters) == 0 && ends_with(text, singular, said->part) &&
		    !is_harmless(text, length))
			return said->word;
	return (struct word){WORD_NONE, NULL};
}

static bool is_word_char(const struct fr_sight *sight, size_t at)
{
	return fr_sight_is(sight, at, FR_SCRUB_RUN) || fr_sight_char(sight, at) == '.';
}

static struct word word_ending(const struct fr_sight *sight, size_t end)
{
	size_t from = end;

	while (from > 0 && end - from < WORD_MOST && is_word_char(sight, from - 1))
		from--;
	return word_judge(sight->text + from, end - from);
}

static bool is_sign(char c)
{
	return c == ':' || c == '=' || c == '>' || c == '(';
}

/* Back over blanks and quotes, a few, and a sign among them if there may be one. */
static size_t back_over(const struct fr_sight *sight, size_t at, bool over_signs)
{
	size_t least = at > BLANKS_MOST ? at - BLANKS_MOST : 0;

	while (at > least && (fr_sight_is(sight, at - 1, FR_SCRUB_BETWEEN) ||
			      (over_signs && is_sign(sight->text[at - 1]))))
		at--;
	return at;
}

/* ---- values ---- */

/* A value ends where no key goes on: at a blank, a quote, a bracket; and no key ends in a stop. */
static size_t value_end(const struct fr_sight *sight, size_t from, size_t most)
{
	size_t at = from;

	while (at < sight->length && at - from < most && !fr_sight_is(sight, at, FR_SCRUB_BEHIND))
		at++;
	while (at > from && strchr(".:!?", sight->text[at - 1]) != NULL)
		at--;
	return at;
}

/* ${...}, $NAME */
static bool is_variable(const char *text, size_t length)
{
	if (length < 2 || text[0] != '$')
		return false;
	for (size_t i = 1; text[1] != '{' && i < length; i++)
		if ((text[i] < 'A' || text[i] > 'Z') && text[i] != '_' &&
		    (i == 1 || text[i] < '0' || text[i] > '9'))
			return false;
	return true;
}

/* Passwords begin with a slash, too; they seldom have another one. */
static bool is_path(const char *text, size_t length)
{
	const char *slash = memchr(text, '/', length);
	size_t rest;

	if (slash == NULL || strchr("/.~", text[0]) == NULL)
		return false;
	rest = length - (size_t)(slash + 1 - text);
	return (text[0] == '~' && slash == text + 1) || memchr(slash + 1, '/', rest) != NULL;
}

/* A path, a variable, a call: what a person looks at without learning a secret. */
static bool is_reference(const struct fr_sight *sight, size_t from, size_t to)
{
	const char *text = sight->text + from;
	char behind = fr_sight_char(sight, to);

	return is_variable(text, to - from) || is_path(text, to - from) || behind == '(' ||
	       behind == '<';
}

static bool is_weak_secret(const char *text, size_t length)
{
	struct fr_shape shape = fr_shape_of(text, length);

	if (length < WEAK_LEAST || fr_is_uuid(text, length) || shape.digits < 2)
		return false;
	if (shape.hexes == length)
		return shape.digits < length;
	return shape.others * 4 <= length && shape.changes * 5 >= length &&
	       shape.lowers + shape.uppers >= 4;
}

static bool is_strong_secret(const char *text, size_t length)
{
	struct fr_shape shape = fr_shape_of(text, length);
	size_t letters = shape.uppers + shape.lowers;

	if (length < STRONG_LEAST || fr_is_uuid(text, length) || letters == 0)
		return false;
	if (shape.digits == 0) /* nor are words, however they are put together */
		return (letters == length && length >= PHRASE_LEAST) ||
		       (shape.changes >= 4 && shape.changes * 100 >= length * 30);
	return length >= PLAIN_MOST || shape.changes >= 2 || shape.others > 0 ||
	       text[length - 1] < '0' || text[length - 1] > '9' || shape.digits == 1;
}

static bool is_secret(const struct fr_sight *sight, size_t from, size_t to,
		      enum word_strength strength)
{
	if (is_reference(sight, from, to))
		return false;
	return strength == WORD_STRONG ? is_strong_secret(sight->text + from, to - from)
				       : is_weak_secret(sight->text + from, to - from);
}

static bool value_judge(const struct fr_sight *sight, size_t from, struct word word,
			struct fr_find *find)
{
	size_t to = value_end(sight, from, JUDGED_MOST);

	if (word.strength == WORD_NONE || to == from)
		return false;
	if (fr_find_issued(sight, from, find))
		return true;
	if (!is_secret(sight, from, to, word.strength))
		return false;
	*find = (struct fr_find){from, value_end(sight, from, SIZE_MAX), word.put};
	return true;
}

/* A value that stands alone ends where it ends, whatever it is made of. */
static bool whole_judge(const struct fr_sight *value, struct word word, struct fr_find *find)
{
	size_t judged = value->length < JUDGED_MOST ? value->length : JUDGED_MOST;

	if (fr_find_issued(value, 0, find) && find->to == value->length)
		return true;
	*find = (struct fr_find){0, value->length, word.put};
	return is_secret(value, 0, judged, word.strength);
}

/* ---- where they stand ---- */

/* The name of a scheme and the blanks behind it; 0: there is none. */
static size_t scheme_end(const struct fr_sight *sight, size_t at)
{
	static const char *const schemes[] = {"bearer", "basic", "token", "digest", "apikey"};

	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		size_t end = at + strlen(schemes[i]);

		if (fr_sight_char(sight, end) == ' ' && fr_sight_said(sight, end, schemes[i]))
			return fr_sight_skip(sight, end, FR_SCRUB_BLANK);
	}
	return 0;
}

/* Whatever it is: nothing but a token stands behind the name of a scheme. */
static bool token_take(const struct fr_sight *sight, size_t from, struct fr_find *find)
{
	size_t to = value_end(sight, from, JUDGED_MOST);
	struct fr_shape shape;

	if (fr_find_issued(sight, from, find))
		return true;
	if (to - from < SCHEME_LEAST || sight->text[from] == '$' || is_reference(sight, from, to))
		return false;
	shape = fr_shape_of(sight->text + from, to - from);
	*find = (struct fr_find){from, value_end(sight, from, SIZE_MAX), "<token>"};
	return shape.changes > 1 || shape.digits > 0;
}

bool fr_find_scheme(const struct fr_sight *sight, size_t at, struct fr_find *find)
{
	size_t value = 0;

	if (at > sight->floor && fr_sight_is(sight, at - 1, FR_SCRUB_RUN))
		return false;
	if (fr_sight_says(sight, at, "Bearer ") || fr_sight_says(sight, at, "Basic "))
		value = scheme_end(sight, at);
	return value != 0 && token_take(sight, value, find);
}

static size_t value_begin(const struct fr_sight *sight, size_t sign)
{
	size_t at = sign + 1;

	if (fr_sight_char(sight, at) == '=' || fr_sight_char(sight, at) == '>')
		at++;
	while (at < sight->length && at - sign <= BLANKS_MOST &&
	       (fr_sight_is(sight, at, FR_SCRUB_BETWEEN) || fr_sight_char(sight, at) == '['))
		at++;
	return at;
}

/* curl -u user:password; not docker -u 1000:1000. */
static bool find_login(const struct fr_sight *sight, size_t colon, struct fr_find *find)
{
	size_t from = colon, to = value_end(sight, colon + 1, JUDGED_MOST);

	while (from > sight->floor && colon - from < WORD_MOST && is_word_char(sight, from - 1))
		from--;
	if (from == colon ||
	    (!fr_sight_said(sight, from, " -u ") && !fr_sight_said(sight, from, " --user ")))
		return false;
	if (to == colon + 1 || fr_sight_skip(sight, colon + 1, FR_SCRUB_DIGIT) == to ||
	    sight->text[colon + 1] == '$' || is_reference(sight, colon + 1, to))
		return false;
	*find = (struct fr_find){from, value_end(sight, from, SIZE_MAX), "<credentials>"};
	return true;
}

bool fr_find_assigned(const struct fr_sight *sight, size_t sign, struct fr_find *find)
{
	size_t end, value;
	struct word word;

	if (sign == 0)
		return false;
	end = back_over(sight, sign, false);
	while (end > 0 && is_of_number(sight->text[end - 1]))
		end--;
	if (end == 0 || !fr_sight_is(sight, end - 1, FR_SCRUB_LETTER))
		return false;
	word = word_ending(sight, end);
	if (word.strength == WORD_NONE)
		return sight->text[sign] == ':' && find_login(sight, sign, find);
	value = value_begin(sight, sign);
	if (word.strength == WORD_SCHEME) {
		size_t behind = scheme_end(sight, value);

		return token_take(sight, behind != 0 ? behind : value, find);
	}
	return value_judge(sight, value, word, find);
}

bool fr_find_keyed(const struct fr_sight *value, const char *key, size_t length,
		   struct fr_find *find)
{
	struct word word = word_judge(key, length);

	if (word.strength == WORD_SCHEME) {
		size_t behind = scheme_end(value, 0);

		return token_take(value, behind, find);
	}
	return (word.strength == WORD_STRONG && whole_judge(value, word, find)) ||
	       value_judge(value, 0, word, find);
}

/* Hashes stand beside a session as well, but not behind a sign. */
static bool is_of_keys(const struct word *word)
{
	static const char *const puts[] = {"<key>", "<token>", "<secret>", "<password>"};

	for (size_t i = 0; i < sizeof puts / sizeof puts[0]; i++)
		if (word->strength != WORD_NONE && strcmp(word->put, puts[i]) == 0)
			return true;
	return false;
}

const char *fr_word_beside(const struct fr_sight *sight, size_t from)
{
	size_t end = back_over(sight, from, true);
	struct word word;

	if (end == from || end == 0)
		return NULL;
	if (sight->text[end] == '>' && end + 1 < from) /* what we put there ourselves */
		return NULL;
	if (fr_sight_said(sight, end, " is"))
		end -= 3;
	if (fr_sight_said(sight, end, "bearer") || fr_sight_said(sight, end, "basic"))
		return "<token>";
	word = word_ending(sight, end);
	return is_of_keys(&word) ? word.put : NULL;
}

/* The owner's own patterns. A `*` reaches over at most so many bytes, so that no text takes long.
 */
#include <string.h>

#include "privacy/scrub_parts.h"

enum { STAR_MOST = 256, STARS_MOST = 4, SAID_LEAST = 3, PUT_MOST = 32 };

static bool is_of_put(char c)
{
	return (c >= 'a' && c <= 'z') || c == '-';
}

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == '"' || c == '\'' || c == '`';
}

enum fr_status fr_scrub_pattern_check(const char *pattern, size_t length, struct fr_error *err)
{
	size_t said = 0, stars = 0;

	if (length > FR_SCRUB_PATTERN_MAX)
		return fr_fail(err, FR_INVALID, "a pattern has at most %d bytes, this one %zu",
			       (int)FR_SCRUB_PATTERN_MAX, length);
	for (size_t i = 0; i < length; i++) {
		if (pattern[i] == '\0')
			return fr_fail(err, FR_INVALID, "a pattern holds no NUL");
		said += pattern[i] != '*' && pattern[i] != '?';
		stars += pattern[i] == '*';
	}
	if (stars > STARS_MOST)
		return fr_fail(err, FR_INVALID, "a pattern holds at most %d stars", STARS_MOST);
	if (length == 0 || pattern[0] == '*' || pattern[0] == '?')
		return fr_fail(err, FR_INVALID,
			       "a pattern begins with a character that is meant as it stands");
	if (strchr("<~", pattern[0]) != NULL)
		return fr_fail(err, FR_INVALID,
			       "a pattern does not begin with %c, as what is put in its place does",
			       pattern[0]);
	if (said < SAID_LEAST)
		return fr_fail(err, FR_INVALID,
			       "a pattern says at least %d characters besides * and ?", SAID_LEAST);
	return FR_OK;
}

/* UTF-8 is not cut inside a character. */
static size_t character_end(const struct fr_sight *sight, size_t at)
{
	while (at < sight->length && ((unsigned char)sight->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

/* The end of a match of the pattern's part up to its next star; 0: it does not stand there. */
static size_t part_end(const struct fr_sight *sight, size_t at, const char *part)
{
	for (; *part != '\0' && *part != '*'; part++) {
		if (at >= sight->length ||
		    (*part == '?' ? is_blank(sight->text[at]) : *part != sight->text[at]))
			return 0;
		at++;
		if (*part == '?')
			at = character_end(sight, at);
	}
	return at;
}

/* A last star takes all of a word. */
static size_t star_end(const struct fr_sight *sight, size_t at)
{
	size_t most = sight->length - at > STAR_MOST ? at + STAR_MOST : sight->length;

	while (at < most && !is_blank(sight->text[at]))
		at++;
	return character_end(sight, at);
}

/* Where a part is found behind a star, the first place is as good as any. */
static size_t pattern_end(const struct fr_sight *sight, size_t at, const char *pattern)
{
	size_t end = part_end(sight, at, pattern);
	const char *part = strchr(pattern, '*');

	for (; end != 0 && part != NULL; part = strchr(part, '*')) {
		size_t most = star_end(sight, end), next = 0;

		while (*part == '*')
			part++;
		if (*part == '\0')
			return most;
		for (; end <= most && next == 0; end++)
			next = part_end(sight, end, part);
		end = next;
	}
	return end;
}

/* In a word that was put there, as in <github-token>. */
static bool is_put(const struct fr_sight *sight, size_t from, size_t to)
{
	size_t least = from > PUT_MOST ? from - PUT_MOST : 0, most = to + PUT_MOST;

	while (from > least && is_of_put(sight->text[from - 1]))
		from--;
	while (to < most && is_of_put(fr_sight_char(sight, to)))
		to++;
	return from > 0 && sight->text[from - 1] == '<' && fr_sight_char(sight, to) == '>';
}

bool fr_find_pattern(const struct fr_sight *sight, size_t at, struct fr_find *find)
{
	const struct fr_scrub *scrub = sight->scrub;

	for (size_t i = 0; i < scrub->pattern_count; i++) {
		size_t end = scrub->patterns[i][0] == sight->text[at]
				     ? pattern_end(sight, at, scrub->patterns[i])
				     : 0;

		if (end > at && !is_put(sight, at, end)) {
			*find = (struct fr_find){at, end, "<scrubbed>"};
			return true;
		}
	}
	return false;
}

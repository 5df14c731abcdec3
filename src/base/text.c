/* Globs, copies and UTF-8. */
#include "base/text.h"

#include <string.h>

/* On a mismatch only the last star may take one character more: an earlier star's match stays good,
 * so there is nothing to go back to, and the worst case is length of glob times length of text. */
bool fr_glob_matches(const char *glob, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text != '\0') {
		if (*glob == '*') {
			star = glob++;
			resume = text;
		} else if (*glob == '?' || *glob == *text) {
			glob++;
			text++;
		} else if (star != NULL) {
			glob = star + 1;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

bool fr_text_copy(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);
	bool fits = length < size;

	if (size == 0)
		return false;
	if (!fits)
		length = size - 1;
	memcpy(out, text, length);
	out[length] = '\0';
	return fits;
}

static bool is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The table of RFC 3629, section 4: the second byte's range rules out overlong forms, surrogates
 * and what lies past U+10FFFF. */
size_t fr_utf8_next(const char *text, size_t left)
{
	const unsigned char *c = (const unsigned char *)text;

	if (left >= 1 && c[0] < 0x80)
		return 1;
	if (left >= 2 && c[0] >= 0xc2 && c[0] <= 0xdf)
		return is_continuation(c[1]) ? 2 : 0;
	if (left >= 3 && (c[0] & 0xf0) == 0xe0) {
		unsigned char low = c[0] == 0xe0 ? 0xa0 : 0x80;
		unsigned char high = c[0] == 0xed ? 0x9f : 0xbf;

		return c[1] >= low && c[1] <= high && is_continuation(c[2]) ? 3 : 0;
	}
	if (left >= 4 && c[0] >= 0xf0 && c[0] <= 0xf4) {
		unsigned char low = c[0] == 0xf0 ? 0x90 : 0x80;
		unsigned char high = c[0] == 0xf4 ? 0x8f : 0xbf;

		return c[1] >= low && c[1] <= high && is_continuation(c[2]) && is_continuation(c[3])
			       ? 4
			       : 0;
	}
	return 0;
}

bool fr_utf8_is_valid(const char *text, size_t length)
{
	const uint64_t high_bits = 0x8080808080808080u;
	size_t at = 0;

	while (at < length) {
		uint64_t word;
		size_t step;

		if (length - at >= sizeof word) {
			memcpy(&word, text + at, sizeof word);
			if ((word & high_bits) == 0) {
				at += sizeof word;
				continue;
			}
		}
		step = fr_utf8_next(text + at, length - at);
		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

size_t fr_utf8_count(const char *text, size_t length)
{
	size_t count = 0, i;

	for (i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80; /* not a continuation */
	return count;
}

/* One pass that knows three places: in a string, in a comment, anywhere else. A string ends at the
 * end of its line, closed or not: an unclosed one is the scanner's to report, and must not swallow
 * the file.
 */
#include "event/comments.h"

#include <string.h>

/* Past the string that begins at `at`. */
static size_t string_end(const char *text, size_t length, size_t at)
{
	for (at++; at < length && text[at] != '\n'; at++) {
		if (text[at] == '"')
			return at + 1;
		if (text[at] == '\\' && at + 1 < length && text[at + 1] != '\n')
			at++;
	}
	return at;
}

static size_t line_end(const char *text, size_t length, size_t at)
{
	const char *newline = memchr(text + at, '\n', length - at);

	return newline != NULL ? (size_t)(newline - text) : length;
}

/* Past the block comment that begins at `at`; 0 when it does not end. */
static size_t block_end(const char *text, size_t length, size_t at)
{
	for (at += 2; at + 1 < length; at++) {
		if (text[at] == '*' && text[at + 1] == '/')
			return at + 2;
	}
	return 0;
}

static void blank(char *text, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (text[from] != '\n')
			text[from] = ' ';
	}
}

bool fr_comments_blank(char *text, size_t length, size_t *at)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t here = 0, end;

	if (length >= 3 && memcmp(text, mark, 3) == 0)
		blank(text, 0, 3);
	while (here < length) {
		char next = here + 1 < length ? text[here + 1] : '\0';

		end = here + 1;
		if (text[here] == '"') {
			end = string_end(text, length, here);
		} else if (text[here] == '/' && next == '/') {
			end = line_end(text, length, here);
			blank(text, here, end);
		} else if (text[here] == '/' && next == '*') {
			end = block_end(text, length, here);
			if (end == 0) {
				*at = here;
				return false;
			}
			blank(text, here, end);
		}
		here = end;
	}
	return true;
}

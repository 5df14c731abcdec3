#include "privacy/container.h"

#include <string.h>

enum { DIGITS = FR_CONTAINER_ID - 1 };

/* A piece of the text, not terminated. */
struct piece {
	const char *begin, *end;
};

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool piece_has(struct piece piece, const char *word)
{
	size_t length = strlen(word);
	const char *at;

	for (at = piece.begin; (size_t)(piece.end - at) >= length; at++)
		if (memcmp(at, word, length) == 0)
			return true;
	return false;
}

/* Does the word stand right before `at`? */
static bool is_behind(struct piece piece, const char *at, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(at - piece.begin) >= length && memcmp(at - length, word, length) == 0;
}

/* The next run of exactly 64 digits from *at on, which moves behind it; NULL when there is none.
 * A longer run is something else, all of it. */
static const char *id_next(struct piece piece, const char **at)
{
	while (*at < piece.end) {
		const char *begin = *at, *end;

		while (begin < piece.end && !is_hex(*begin))
			begin++;
		for (end = begin; end < piece.end && is_hex(*end);)
			end++;
		*at = end;
		if (end - begin == DIGITS)
			return begin;
	}
	return NULL;
}

static void id_take(char out[FR_CONTAINER_ID], const char *id)
{
	memcpy(out, id, DIGITS);
	out[DIGITS] = '\0';
}

static struct piece line_next(struct piece text, const char **at)
{
	struct piece line = {*at, memchr(*at, '\n', (size_t)(text.end - *at))};

	if (line.end == NULL)
		line.end = text.end;
	*at = line.end < text.end ? line.end + 1 : text.end;
	return line;
}

bool fr_container_of_cgroup(char out[FR_CONTAINER_ID], const char *text, size_t length)
{
	struct piece whole = {text, text + length};
	const char *at = text, *id;
	bool is_found = false;

	while ((id = id_next(whole, &at)) != NULL) {
		id_take(out, id);
		is_found = true;
	}
	return is_found;
}

/* The last id of the line that may count; behind a runtime's own word only, where is_named says so.
 */
static bool line_id(char out[FR_CONTAINER_ID], struct piece line, bool is_named)
{
	const char *at = line.begin, *id;
	bool is_found = false;

	while ((id = id_next(line, &at)) != NULL) {
		if (is_behind(line, id, "/sandboxes/"))
			continue;
		if (is_named && !is_behind(line, id, "crio-") &&
		    !is_behind(line, id, "cri-containerd:"))
			continue;
		id_take(out, id);
		is_found = true;
	}
	return is_found;
}

bool fr_container_of_mountinfo(char out[FR_CONTAINER_ID], const char *text, size_t length)
{
	struct piece whole = {text, text + length};
	const char *at;
	bool is_found = false;

	for (at = text; at < whole.end;)
		if (line_id(out, line_next(whole, &at), true))
			return true;
	for (at = text; at < whole.end;) {
		struct piece line = line_next(whole, &at);

		if (piece_has(line, "/containers/") || piece_has(line, "overlay-containers/"))
			is_found = line_id(out, line, false) || is_found;
	}
	for (at = text; at < whole.end && !is_found;) {
		struct piece line = line_next(whole, &at);

		if (piece_has(line, "hostname"))
			is_found = line_id(out, line, false);
	}
	return is_found;
}

/* Characters, escapes and classes. All of them become lists of ranges of code points; which of the
 * first 128 are in is worked out once, since nearly every text asks for those only.
 */
#include "privacy/pattern_text.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define LAST_CODE_POINT UINT32_C(0x10ffff)
#define COUNT(list)     (sizeof(list) / sizeof(list)[0])

static const struct fr_pattern_range digits[] = {{'0', '9'}};
static const struct fr_pattern_range word[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const struct fr_pattern_range space[] = {
	{'\t', '\r'},     {' ', ' '},       {0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200a},
	{0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff}};
static const struct fr_pattern_range line_ends[] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

enum fr_status fr_pattern_wrong(const struct fr_pattern_text *text, const char *what)
{
	return fr_fail(text->err, FR_INVALID, "character %zu: %s",
		       (size_t)(text->at - text->begin) + 1, what);
}

bool fr_pattern_take(struct fr_pattern_text *text, char c)
{
	if (text->at == text->end || *text->at != c)
		return false;
	text->at++;
	return true;
}

/* ---- ranges ---- */

static enum fr_status range_add(struct fr_pattern_text *text, struct fr_pattern_class *class,
				uint32_t first, uint32_t last)
{
	struct fr_pattern_range *ranges =
		fr_arena_room(text->arena, class->ranges, class->count, sizeof *ranges);

	if (ranges == NULL)
		return fr_fail(text->err, FR_NOMEM, "pattern: %s", fr_status_text(FR_NOMEM));
	class->ranges = ranges;
	class->ranges[class->count++] = (struct fr_pattern_range){first, last};
	return FR_OK;
}

/* A list in ascending order, or all that is not on it. */
static enum fr_status ranges_add(struct fr_pattern_text *text, struct fr_pattern_class *class,
				 const struct fr_pattern_range *ranges, size_t count,
				 bool is_negated)
{
	enum fr_status status = FR_OK;
	uint32_t behind = 0;
	size_t i;

	for (i = 0; i < count && status == FR_OK; i++) {
		if (!is_negated)
			status = range_add(text, class, ranges[i].first, ranges[i].last);
		else if (ranges[i].first > behind)
			status = range_add(text, class, behind, ranges[i].first - 1);
		behind = ranges[i].last + 1;
	}
	if (status == FR_OK && is_negated)
		status = range_add(text, class, behind, LAST_CODE_POINT);
	return status;
}

static bool ranges_hold(const struct fr_pattern_class *class, uint32_t c)
{
	size_t i;

	for (i = 0; i < class->count; i++)
		if (c >= class->ranges[i].first && c <= class->ranges[i].last)
			return true;
	return false;
}

bool fr_pattern_takes(const struct fr_pattern_class *class, uint32_t c)
{
	if (c < 128)
		return (class->ascii[c / 64] >> (c % 64) & 1) != 0;
	return ranges_hold(class, c) != class->is_negated;
}

static void class_finish(struct fr_pattern_class *class)
{
	uint32_t c;

	for (c = 0; c < 128; c++)
		if (ranges_hold(class, c) != class->is_negated)
			class->ascii[c / 64] |= UINT64_C(1) << (c % 64);
}

/* ---- single characters ---- */

/* The text is valid UTF-8 and not at its end. */
static uint32_t code_point_read(struct fr_pattern_text *text)
{
	const unsigned char *at = (const unsigned char *)text->at;
	size_t length = fr_utf8_next(text->at, (size_t)(text->end - text->at)), i;
	uint32_t c;

	assert(length > 0);
	text->at += length;
	if (length == 1)
		return at[0];
	c = at[0] & (0x7fU >> length);
	for (i = 1; i < length; i++)
		c = c << 6 | (at[i] & 0x3fU);
	return c;
}

static int hex_value(char c)
{
	static const char hex[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c != '\0' ? strchr(hex, c) : NULL;

	return found != NULL ? (int)((found - hex) % 16) : -1;
}

/* Exactly so many hex digits; 0: as many as there are up to the closing brace. */
static enum fr_status hex_read(struct fr_pattern_text *text, int count, uint32_t *c)
{
	int read = 0;

	*c = 0;
	while (text->at < text->end && hex_value(*text->at) >= 0 && (count == 0 || read < count)) {
		*c = *c * 16 + (uint32_t)hex_value(*text->at++);
		read++;
		if (*c > LAST_CODE_POINT)
			return fr_pattern_wrong(text, "no such code point");
	}
	if (read == 0 || read < count || (count == 0 && !fr_pattern_take(text, '}')))
		return fr_pattern_wrong(text, "a hexadecimal number was expected");
	return FR_OK;
}

static bool is_punctuation(char c)
{
	return c != '\0' && strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", c) != NULL;
}

/* Behind a backslash: an escape for one character. */
static enum fr_status escape_read(struct fr_pattern_text *text, bool in_brackets, uint32_t *c)
{
	static const char names[] = "tnvfr0", values[] = "\t\n\v\f\r";
	const char *found;
	char name;

	if (text->at == text->end)
		return fr_pattern_wrong(text, "nothing stands behind the backslash");
	name = *text->at++;
	found = strchr(names, name);
	if (name != '\0' && found != NULL) {
		*c = (uint32_t)(unsigned char)values[found - names];
		return FR_OK;
	}
	if (name == 'x')
		return hex_read(text, 2, c);
	if (name == 'u')
		return hex_read(text, fr_pattern_take(text, '{') ? 0 : 4, c);
	if (name == 'b' && in_brackets) {
		*c = '\b';
		return FR_OK;
	}
	if (!is_punctuation(name)) {
		text->at--;
		return fr_pattern_wrong(text, "this escape is not supported");
	}
	*c = (uint32_t)(unsigned char)name;
	return FR_OK;
}

/* ---- classes ---- */

/* \d \D \w \W \s \S: taken when one stands here. */
static bool shorthand_take(struct fr_pattern_text *text, struct fr_pattern_class *class,
			   enum fr_status *status)
{
	char name = text->end - text->at >= 2 && *text->at == '\\' ? text->at[1] : '\0';
	bool is_negated = name == 'D' || name == 'W' || name == 'S';

	if (name == 'd' || name == 'D')
		*status = ranges_add(text, class, digits, COUNT(digits), is_negated);
	else if (name == 'w' || name == 'W')
		*status = ranges_add(text, class, word, COUNT(word), is_negated);
	else if (name == 's' || name == 'S')
		*status = ranges_add(text, class, space, COUNT(space), is_negated);
	else
		return false;
	text->at += 2;
	return true;
}

static enum fr_status bracket_character(struct fr_pattern_text *text, uint32_t *c)
{
	if (text->at == text->end)
		return fr_pattern_wrong(text, "\"]\" is missing");
	if (fr_pattern_take(text, '\\'))
		return escape_read(text, true, c);
	*c = code_point_read(text);
	return FR_OK;
}

/* One character or one range of a class in brackets. */
static enum fr_status bracket_member(struct fr_pattern_text *text, struct fr_pattern_class *class)
{
	enum fr_status status = FR_OK;
	uint32_t first = 0, last;

	if (shorthand_take(text, class, &status))
		return status;
	status = bracket_character(text, &first);
	last = first;
	if (status == FR_OK && text->end - text->at >= 2 && text->at[0] == '-' &&
	    text->at[1] != ']') {
		text->at++;
		status = bracket_character(text, &last);
	}
	if (status == FR_OK && last < first)
		status = fr_pattern_wrong(text, "a range in the wrong order");
	return status == FR_OK ? range_add(text, class, first, last) : status;
}

static enum fr_status brackets_read(struct fr_pattern_text *text, struct fr_pattern_class *class)
{
	enum fr_status status = FR_OK;

	class->is_negated = fr_pattern_take(text, '^');
	while (status == FR_OK && !fr_pattern_take(text, ']'))
		status = bracket_member(text, class);
	return status;
}

static enum fr_status literal_read(struct fr_pattern_text *text, struct fr_pattern_class *class)
{
	enum fr_status status = FR_OK;
	uint32_t c = 0;

	if (fr_pattern_take(text, '\\'))
		status = escape_read(text, false, &c);
	else
		c = code_point_read(text);
	return status == FR_OK ? range_add(text, class, c, c) : status;
}

enum fr_status fr_pattern_class_read(struct fr_pattern_text *text, struct fr_pattern_class **out)
{
	struct fr_pattern_class *class = fr_arena_take(text->arena, 1, sizeof *class);
	enum fr_status status = FR_OK;

	*out = class;
	if (class == NULL)
		return fr_fail(text->err, FR_NOMEM, "pattern: %s", fr_status_text(FR_NOMEM));
	if (!shorthand_take(text, class, &status)) {
		if (fr_pattern_take(text, '['))
			status = brackets_read(text, class);
		else if (fr_pattern_take(text, '.'))
			status = ranges_add(text, class, line_ends, COUNT(line_ends), true);
		else
			status = literal_read(text, class);
	}
	class_finish(class);
	return status;
}

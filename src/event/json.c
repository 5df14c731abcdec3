/* The grammar of RFC 8259 as a table of places between tokens. The happy path of fr_json_next: skip
 * white space, see what may stand at this place, read one token, move to the place behind it.
 *
 *     AT_VALUE       a value      -> AFTER_VALUE, AT_FIRST_KEY ('{') or AT_FIRST_ITEM ('[')
 *     AT_FIRST_KEY   a key or '}' -> AT_COLON or AFTER_VALUE
 *     AT_FIRST_ITEM  ']', or as AT_VALUE
 *     AT_COLON       ':', and then as AT_VALUE
 *     AFTER_VALUE    ',' and then a key or a value, or what closes the container
 *     AT_END         nothing: where AFTER_VALUE would be with no container open
 *
 * Failures end the scan: the message counts bytes from 1 and says what was found instead.
 */
#include "event/json.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "event/json_string.h"

enum place {
	AT_VALUE,
	AT_FIRST_ITEM,
	AT_FIRST_KEY,
	AT_COLON,
	AFTER_VALUE,
	AT_END,
};

void fr_json_init(struct fr_json *json, const char *text, size_t length, unsigned max_depth)
{
	assert(max_depth <= FR_JSON_DEPTH_MAX);
	json->text = text;
	json->length = length;
	json->at = 0;
	json->start = 0;
	json->escaped = false;
	json->depth = 0;
	json->max_depth = max_depth;
	json->state = AT_VALUE;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The byte at `at`, NUL at the end: no token may hold one, so the two need telling apart only in
 * words. */
static char json_peek(const struct fr_json *json)
{
	return json->at < json->length ? json->text[json->at] : '\0';
}

static enum fr_status json_fault(const struct fr_json *json, struct fr_error *err,
				 const char *wrong)
{
	return fr_fail(err, FR_INVALID, "byte %zu: %s", json->at + 1, wrong);
}

/* "byte 8: expected a value, found "NaN"". */
static enum fr_status json_unexpected(const struct fr_json *json, struct fr_error *err,
				      const char *wanted)
{
	const char *here = json->text + json->at;
	size_t left = json->length - json->at;
	size_t word = 0;
	char found[40];

	if (json->length == 0)
		return fr_fail(err, FR_INVALID, "the text is empty");
	while (word < left && word < 16 && is_word(here[word]))
		word++;
	if (left == 0)
		(void)snprintf(found, sizeof found, "the end of the text");
	else if (word > 0)
		(void)snprintf(found, sizeof found, "\"%.*s\"", (int)word, here);
	else if (*here > 0x20 && *here < 0x7f)
		(void)snprintf(found, sizeof found, "'%c'", *here);
	else if (*here == '\0')
		(void)snprintf(found, sizeof found, "a NUL byte");
	else
		(void)snprintf(found, sizeof found, "byte 0x%02x", (unsigned)(unsigned char)*here);
	return fr_fail(err, FR_INVALID, "byte %zu: expected %s, found %s", json->at + 1, wanted,
		       found);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void json_skip_space(struct fr_json *json)
{
	while (json->at < json->length && is_space(json->text[json->at]))
		json->at++;
}

static void json_skip_digits(struct fr_json *json)
{
	while (is_digit(json_peek(json)))
		json->at++;
}

static void json_complete(struct fr_json *json)
{
	json->state = json->depth > 0 ? AFTER_VALUE : AT_END;
}

static enum fr_status json_open(struct fr_json *json, enum fr_json_kind *kind, struct fr_error *err)
{
	char c = json->text[json->at];

	if (json->depth == json->max_depth)
		return fr_fail(err, FR_TOO_LARGE, "byte %zu: nested too deeply", json->at + 1);
	json->at++;
	json->stack[json->depth++] = (unsigned char)c;
	json->state = c == '{' ? AT_FIRST_KEY : AT_FIRST_ITEM;
	*kind = c == '{' ? FR_JSON_OBJECT_BEGIN : FR_JSON_ARRAY_BEGIN;
	return FR_OK;
}

static enum fr_status json_close(struct fr_json *json, enum fr_json_kind *kind)
{
	*kind = json->text[json->at] == '}' ? FR_JSON_OBJECT_END : FR_JSON_ARRAY_END;
	json->at++;
	json->depth--;
	json_complete(json);
	return FR_OK;
}

static enum fr_status json_number(struct fr_json *json, enum fr_json_kind *kind,
				  struct fr_error *err)
{
	if (json_peek(json) == '-')
		json->at++;
	if (json_peek(json) == '0')
		json->at++;
	else if (is_digit(json_peek(json)))
		json_skip_digits(json);
	else
		return json_unexpected(json, err, "a digit");
	if (is_digit(json_peek(json)))
		return json_fault(json, err, "a number does not begin with 0");
	if (json_peek(json) == '.') {
		json->at++;
		if (!is_digit(json_peek(json)))
			return json_unexpected(json, err, "a digit");
		json_skip_digits(json);
	}
	if (json_peek(json) == 'e' || json_peek(json) == 'E') {
		json->at++;
		if (json_peek(json) == '+' || json_peek(json) == '-')
			json->at++;
		if (!is_digit(json_peek(json)))
			return json_unexpected(json, err, "a digit");
		json_skip_digits(json);
	}
	json_complete(json);
	*kind = FR_JSON_NUMBER;
	return FR_OK;
}

static enum fr_status json_literal(struct fr_json *json, enum fr_json_kind *kind,
				   struct fr_error *err)
{
	static const struct {
		const char *word;
		size_t length;
		enum fr_json_kind kind;
	} literals[] = {
		{"true", 4, FR_JSON_TRUE},
		{"false", 5, FR_JSON_FALSE},
		{"null", 4, FR_JSON_NULL},
	};
	const char *here = json->text + json->at;
	size_t left = json->length - json->at;
	size_t i;

	for (i = 0; i < sizeof literals / sizeof literals[0]; i++) {
		size_t length = literals[i].length;

		if (left < length || memcmp(here, literals[i].word, length) != 0)
			continue;
		if (left > length && is_word(here[length]))
			break;
		json->at += length;
		json_complete(json);
		*kind = literals[i].kind;
		return FR_OK;
	}
	return json_unexpected(json, err, "a value");
}

static enum fr_status json_string(struct fr_json *json, struct fr_error *err)
{
	const char *wrong = fr_json_string_scan(json);

	return wrong == NULL ? FR_OK : json_fault(json, err, wrong);
}

static enum fr_status json_value(struct fr_json *json, enum fr_json_kind *kind,
				 struct fr_error *err)
{
	char c = json_peek(json);

	json->start = json->at;
	if (c == '"') {
		*kind = FR_JSON_STRING;
		json_complete(json);
		return json_string(json, err);
	}
	if (c == '{' || c == '[')
		return json_open(json, kind, err);
	if (c == '-' || is_digit(c))
		return json_number(json, kind, err);
	return json_literal(json, kind, err);
}

static enum fr_status json_key(struct fr_json *json, enum fr_json_kind *kind, struct fr_error *err)
{
	if (json_peek(json) != '"')
		return json_unexpected(json, err, "a key in quotes");
	json->start = json->at;
	json->state = AT_COLON;
	*kind = FR_JSON_KEY;
	return json_string(json, err);
}

static enum fr_status json_after_value(struct fr_json *json, enum fr_json_kind *kind,
				       struct fr_error *err)
{
	bool in_object = json->stack[json->depth - 1] == '{';
	char c = json_peek(json);

	json->start = json->at;
	if (c == (in_object ? '}' : ']'))
		return json_close(json, kind);
	if (c != ',')
		return json_unexpected(json, err, in_object ? "',' or '}'" : "',' or ']'");
	json->at++;
	json_skip_space(json);
	return in_object ? json_key(json, kind, err) : json_value(json, kind, err);
}

enum fr_status fr_json_next(struct fr_json *json, enum fr_json_kind *kind, struct fr_error *err)
{
	json_skip_space(json);
	switch ((enum place)json->state) {
	case AT_VALUE:
		return json_value(json, kind, err);
	case AT_FIRST_ITEM:
		json->start = json->at;
		return json_peek(json) == ']' ? json_close(json, kind)
					      : json_value(json, kind, err);
	case AT_FIRST_KEY:
		json->start = json->at;
		return json_peek(json) == '}' ? json_close(json, kind) : json_key(json, kind, err);
	case AT_COLON:
		if (json_peek(json) != ':')
			return json_unexpected(json, err, "':'");
		json->at++;
		json_skip_space(json);
		return json_value(json, kind, err);
	case AFTER_VALUE:
		return json_after_value(json, kind, err);
	case AT_END:
		break;
	}
	json->start = json->at;
	if (json->at < json->length)
		return json_unexpected(json, err, "nothing behind the value");
	*kind = FR_JSON_END;
	return FR_OK;
}

enum fr_status fr_json_skip(struct fr_json *json, enum fr_json_kind kind, struct fr_error *err)
{
	unsigned outside;

	if (kind != FR_JSON_OBJECT_BEGIN && kind != FR_JSON_ARRAY_BEGIN)
		return FR_OK;
	outside = json->depth - 1;
	while (json->depth > outside) {
		enum fr_status status = fr_json_next(json, &kind, err);

		if (status != FR_OK)
			return status;
	}
	return FR_OK;
}

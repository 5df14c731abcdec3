/* Strings, read and written. Nearly all are plain ASCII, so both directions run over plain bytes
 * eight at a time and look closely only where a run ends: at a quote, a backslash, a control or a
 * byte of UTF-8.
 *
 * A string without a backslash is canonical as it stands. Otherwise each escape is decoded and
 * written again as its canonical form demands.
 */
#include "event/json_string.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/* Sets the high bit of each byte that is less than `least` (at most 0x80); exact up to and with the
 * first such byte, counted from the low end. */
static uint64_t bytes_below(uint64_t word, unsigned least)
{
	return (word - EACH_BYTE(least)) & ~word & EACH_BYTE(0x80);
}

/* The high bit of each byte that does not stand for itself, exact as above. */
static uint64_t bytes_special(uint64_t word)
{
	uint64_t quotes = bytes_below(word ^ EACH_BYTE('"'), 1);
	uint64_t backslashes = bytes_below(word ^ EACH_BYTE('\\'), 1);
	uint64_t controls = bytes_below(word, 0x20);

	return (quotes | backslashes | controls | word) & EACH_BYTE(0x80);
}

/* How many bytes of a word come before its first special one, in the order of the text. */
static size_t bytes_before(uint64_t special)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return (size_t)__builtin_ctzll(special) / 8;
#else
	(void)special;
	return 0; /* the plain loop finds it */
#endif
}

static bool is_plain(char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && (unsigned char)c < 0x80;
}

/* How many bytes from text on stand for themselves in a string and are ASCII. */
static size_t plain_run(const char *text, size_t length)
{
	uint64_t word;
	size_t run = 0;

	while (length - run >= sizeof word) {
		uint64_t special;

		memcpy(&word, text + run, sizeof word);
		special = bytes_special(word);
		if (special != 0) {
			run += bytes_before(special);
			break;
		}
		run += sizeof word;
	}
	while (run < length && is_plain(text[run]))
		run++;
	return run;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Four hex digits, or -1. */
static int32_t hex4_read(const char *text, size_t left)
{
	int32_t value = 0;
	int i;

	if (left < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		int digit = hex_value(text[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

static bool is_high_surrogate(int32_t code)
{
	return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low_surrogate(int32_t code)
{
	return code >= 0xdc00 && code <= 0xdfff;
}

/* The length of the escape that text begins with; 0 and what is wrong with it. */
static size_t escape_length(const char *text, size_t left, const char **wrong)
{
	int32_t code, second;

	assert(left >= 1 && text[0] == '\\');
	if (left >= 2 && text[1] != '\0' && strchr("\"\\/bfnrt", text[1]) != NULL)
		return 2;
	if (left < 2 || text[1] != 'u') {
		*wrong = left < 2 ? "the text ends inside a string" : "no such escape in JSON";
		return 0;
	}
	code = hex4_read(text + 2, left - 2);
	if (code < 0) {
		*wrong = "\\u needs four hex digits";
		return 0;
	}
	if (!is_high_surrogate(code) && !is_low_surrogate(code))
		return 6;
	second =
		left >= 8 && text[6] == '\\' && text[7] == 'u' ? hex4_read(text + 8, left - 8) : -1;
	if (is_high_surrogate(code) && is_low_surrogate(second))
		return 12;
	*wrong = "half of a surrogate pair stands for no character";
	return 0;
}

const char *fr_json_string_scan(struct fr_json *json)
{
	const char *wrong = NULL;

	assert(json->text[json->at] == '"');
	json->escaped = false;
	json->at++;
	for (;;) {
		const char *here = json->text + json->at;
		size_t left = json->length - json->at;
		size_t step = plain_run(here, left);

		json->at += step;
		here += step;
		left -= step;
		if (left == 0)
			return "the text ends inside a string";
		if (*here == '"') {
			json->at++;
			return NULL;
		}
		if (*here == '\\') {
			json->escaped = true;
			step = escape_length(here, left, &wrong);
		} else if ((unsigned char)*here < 0x20) {
			return *here == '\0' ? "a NUL byte" : "a control character inside a string";
		} else {
			wrong = "not valid UTF-8";
			step = fr_utf8_next(here, left);
		}
		if (step == 0)
			return wrong;
		json->at += step;
	}
}

static size_t utf8_encode(char out[4], int32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* Decodes the valid escape at *text, moves behind it, and returns how many bytes of UTF-8 it is. */
static size_t escape_decode(const char **text, char out[4])
{
	static const char names[] = "bfnrt", controls[] = "\b\f\n\r\t";
	const char *name;
	int32_t code;

	if ((*text)[1] != 'u') {
		name = strchr(names, (*text)[1]);
		out[0] = name != NULL ? controls[name - names] : (*text)[1];
		*text += 2;
		return 1;
	}
	code = hex4_read(*text + 2, 4);
	*text += 6;
	if (is_high_surrogate(code)) {
		code = 0x10000 + ((code - 0xd800) << 10) + (hex4_read(*text + 2, 4) - 0xdc00);
		*text += 6;
	}
	return utf8_encode(out, code);
}

/* One ASCII character as it stands inside a canonical string. */
static void ascii_add(struct fr_buffer *out, char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char short_forms[0x20] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
	};
	char form[6] = {'\\', 'u', '0', '0', 0, 0};

	if (is_plain(c)) {
		fr_buffer_add_char(out, c);
	} else if (c == '"' || c == '\\' || short_forms[(unsigned char)c] != 0) {
		form[1] = c == '"' || c == '\\' ? c : short_forms[(unsigned char)c];
		fr_buffer_add(out, form, 2);
	} else {
		form[4] = digits[c >> 4];
		form[5] = digits[c & 15];
		fr_buffer_add(out, form, sizeof form);
	}
}

/* Walks a validated string with escapes: `canonical` says in which form its characters are
 * appended. */
static void string_unescape(const char *text, const char *end, bool canonical,
			    struct fr_buffer *out)
{
	char character[4];

	while (text < end) {
		const char *backslash = memchr(text, '\\', (size_t)(end - text));
		size_t length;

		if (backslash == NULL)
			backslash = end;
		fr_buffer_add(out, text, (size_t)(backslash - text));
		text = backslash;
		if (text == end)
			return;
		length = escape_decode(&text, character);
		if (canonical && length == 1)
			ascii_add(out, character[0]);
		else
			fr_buffer_add(out, character, length);
	}
}

void fr_json_add_token(const struct fr_json *json, struct fr_buffer *out)
{
	const char *text = json->text + json->start;
	size_t length = json->at - json->start;

	if (text[0] != '"' || !json->escaped) {
		fr_buffer_add(out, text, length);
		return;
	}
	fr_buffer_add_char(out, '"');
	string_unescape(text + 1, text + length - 1, true, out);
	fr_buffer_add_char(out, '"');
}

enum fr_status fr_json_decode(const struct fr_json *json, struct fr_buffer *out)
{
	const char *text = json->text + json->start;
	size_t length = json->at - json->start;

	assert(length >= 2 && text[0] == '"');
	if (json->escaped)
		string_unescape(text + 1, text + length - 1, false, out);
	else
		fr_buffer_add(out, text + 1, length - 2);
	return out->status;
}

const char *fr_json_borrow(const struct fr_json *json, struct fr_buffer *scratch, size_t *length)
{
	if (!json->escaped) {
		*length = json->at - json->start - 2;
		return json->text + json->start + 1;
	}
	fr_buffer_clear(scratch);
	if (fr_json_decode(json, scratch) != FR_OK)
		return NULL;
	*length = scratch->length;
	return fr_buffer_text(scratch);
}

void fr_json_add_string(struct fr_buffer *out, const char *text, size_t length)
{
	static const char replacement[] = "\xef\xbf\xbd";
	size_t at = 0;

	fr_buffer_add_char(out, '"');
	while (at < length) {
		size_t step = plain_run(text + at, length - at);

		fr_buffer_add(out, text + at, step);
		at += step;
		if (at == length)
			break;
		if ((unsigned char)text[at] < 0x80) {
			ascii_add(out, text[at]);
			at++;
			continue;
		}
		step = fr_utf8_next(text + at, length - at);
		if (step > 0)
			fr_buffer_add(out, text + at, step);
		else
			fr_buffer_add(out, replacement, sizeof replacement - 1);
		at += step > 0 ? step : 1;
	}
	fr_buffer_add_char(out, '"');
}

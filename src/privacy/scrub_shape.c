/* A random key changes between capitals, small letters and digits at about six of ten places; words
 * and identifiers, however they are put together, at two or three.
 */
#include <string.h>

#include "privacy/scrub_parts.h"

enum { KIND_OTHER, KIND_DIGIT, KIND_UPPER, KIND_LOWER };

enum { DECODED_MOST = 96, DECODED_LEAST = 9 };

static int kind_of(char c)
{
	if (c >= '0' && c <= '9')
		return KIND_DIGIT;
	if (c >= 'A' && c <= 'Z')
		return KIND_UPPER;
	return c >= 'a' && c <= 'z' ? KIND_LOWER : KIND_OTHER;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct fr_shape fr_shape_of(const char *text, size_t length)
{
	struct fr_shape shape = {.length = length};
	int last = KIND_OTHER;

	for (size_t i = 0; i < length; i++) {
		int kind = kind_of(text[i]);

		shape.digits += kind == KIND_DIGIT;
		shape.uppers += kind == KIND_UPPER;
		shape.lowers += kind == KIND_LOWER;
		shape.others += kind == KIND_OTHER;
		shape.hexes += is_hex(text[i]);
		shape.changes += last != KIND_OTHER && kind != KIND_OTHER && kind != last;
		last = kind;
	}
	return shape;
}

bool fr_shape_is_random(const struct fr_shape *shape)
{
	return shape->uppers * 8 >= shape->length && shape->lowers * 8 >= shape->length &&
	       shape->digits * 16 >= shape->length && shape->others * 8 <= shape->length &&
	       shape->changes * 100 >= shape->length * 43;
}

bool fr_is_uuid(const char *text, size_t length)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (length != sizeof form - 1)
		return false;
	for (size_t i = 0; i < length; i++)
		if (form[i] == '-' ? text[i] != '-' : !is_hex(text[i]))
			return false;
	return true;
}

static int sixbits(char c)
{
	switch (kind_of(c)) {
	case KIND_UPPER:
		return c - 'A';
	case KIND_LOWER:
		return c - 'a' + 26;
	case KIND_DIGIT:
		return c - '0' + 52;
	default:
		return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
	}
}

static size_t base64_decode(const char *text, size_t length, unsigned char out[DECODED_MOST])
{
	unsigned bits = 0;
	size_t made = 0;

	for (size_t i = 0; i < length && made < DECODED_MOST; i++) {
		int value = sixbits(text[i]);

		if (value < 0)
			break;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		if (i % 4 != 0)
			out[made++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
	}
	return made;
}

static bool is_text(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((bytes[i] < ' ' || bytes[i] > '~') && strchr("\t\n\r", bytes[i]) == NULL)
			return false;
	return true;
}

bool fr_is_base64_of_known(const char *text, size_t length)
{
	/* PNG, JPEG, GIF, gzip, zip, PDF, woff, WebAssembly, DER */
	static const char *const beginnings[] = {"iVBORw0KGgo", "/9j/", "R0lGOD", "H4sI", "UEsDB",
						 "JVBERi",      "d09G", "AGFzbQ", "MII"};
	unsigned char bytes[DECODED_MOST];
	size_t made = base64_decode(text, length, bytes);

	for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
		if (length >= strlen(beginnings[i]) &&
		    memcmp(text, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return made >= DECODED_LEAST && is_text(bytes, made);
}

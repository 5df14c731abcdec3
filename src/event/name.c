#include "event/name.h"

#include <stdint.h>
#include <string.h>

/* The characters of names and keys as bits: - . 0-9 : and A-Z _ a-z. A letter or '_' is one from 64
 * on. */
static const uint64_t part_bits[2] = {0x07ff600000000000u, 0x07fffffe87fffffeu};

static bool is_part(char c)
{
	unsigned char code = (unsigned char)c;

	return code < 128 && (part_bits[code / 64] >> code % 64 & 1) != 0;
}

static bool is_first(char c)
{
	return (unsigned char)c >= 64 && is_part(c);
}

bool fr_key_is_valid(const char *key, size_t length)
{
	size_t i;

	if (length < 1 || length > FR_KEY_MAX || !is_first(key[0]))
		return false;
	for (i = 1; i < length; i++)
		if (!is_part(key[i]))
			return false;
	return true;
}

bool fr_name_is_valid(const char *name)
{
	size_t length;

	if (!is_first(name[0]) || name[0] == '_')
		return false;
	for (length = 1; name[length] != '\0'; length++)
		if (length == FR_NAME_MAX || !is_part(name[length]))
			return false;
	return true;
}

void fr_name_quote(char out[FR_QUOTE_TEXT], const char *text, size_t length)
{
	size_t room = FR_QUOTE_TEXT - sizeof "...";
	size_t i;

	for (i = 0; i < length && i < room; i++)
		out[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
	if (length > room)
		memcpy(out + i, "...", sizeof "...");
	else
		out[i] = '\0';
}

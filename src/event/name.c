#include "event/name.h"

#include <string.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name_part(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == ':' || c == '-';
}

bool fr_key_is_valid(const char *key, size_t length)
{
	size_t i;

	if (length < 1 || length > FR_KEY_MAX || (!is_letter(key[0]) && key[0] != '_'))
		return false;
	for (i = 1; i < length; i++)
		if (!is_name_part(key[i]))
			return false;
	return true;
}

bool fr_name_is_valid(const char *name)
{
	size_t length;

	if (!is_letter(name[0]))
		return false;
	for (length = 1; name[length] != '\0'; length++)
		if (length == FR_NAME_MAX || !is_name_part(name[length]))
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

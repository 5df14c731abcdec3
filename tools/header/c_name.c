#include "c_name.h"

#include <string.h>

/* Of C11, of C++11, and what our functions call their own. */
static const char *const taken[] = {
	"alignas",
	"alignof",
	"and",
	"and_eq",
	"asm",
	"auto",
	"bitand",
	"bitor",
	"bool",
	"break",
	"case",
	"catch",
	"char",
	"class",
	"compl",
	"const",
	"const_cast",
	"constexpr",
	"continue",
	"decltype",
	"default",
	"delete",
	"do",
	"double",
	"dynamic_cast",
	"else",
	"enum",
	"event",
	"explicit",
	"export",
	"extern",
	"false",
	"float",
	"for",
	"friend",
	"goto",
	"if",
	"inline",
	"int",
	"long",
	"mutable",
	"namespace",
	"new",
	"noexcept",
	"not",
	"not_eq",
	"null",
	"nullptr",
	"operator",
	"or",
	"or_eq",
	"private",
	"protected",
	"public",
	"recorder",
	"register",
	"reinterpret_cast",
	"restrict",
	"return",
	"short",
	"signed",
	"sizeof",
	"static",
	"static_assert",
	"static_cast",
	"struct",
	"switch",
	"template",
	"this",
	"thread_local",
	"throw",
	"true",
	"try",
	"typedef",
	"typeid",
	"typename",
	"typeof",
	"union",
	"unsigned",
	"using",
	"virtual",
	"void",
	"volatile",
	"wchar_t",
	"while",
	"xor",
	"xor_eq",
	"words",
};

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Does a new word begin at `at`? toolName: at N. HTTPCode: at C. */
static bool is_new_word(const char *text, size_t length, size_t at)
{
	if (at == 0 || !is_upper(text[at]))
		return false;
	if (is_lower(text[at - 1]) || is_digit(text[at - 1]))
		return true;
	return is_upper(text[at - 1]) && at + 1 < length && is_lower(text[at + 1]);
}

bool c_name_lower(char out[C_NAME_TEXT], const char *text, size_t length)
{
	size_t filled = 0, at;

	if (length == 0)
		return c_name_lower(out, "empty", 5);
	for (at = 0; at < length; at++) {
		char c = text[at];

		if (filled + 3 > C_NAME_TEXT)
			return false;
		if (is_new_word(text, length, at) && filled > 0 && out[filled - 1] != '_')
			out[filled++] = '_';
		if (is_upper(c))
			c = (char)(c - 'A' + 'a');
		out[filled++] = is_lower(c) || is_digit(c) ? c : '_';
	}
	out[filled] = '\0';
	return true;
}

bool c_name_upper(char out[C_NAME_TEXT], const char *text, size_t length)
{
	if (!c_name_lower(out, text, length))
		return false;
	for (; *out != '\0'; out++)
		if (is_lower(*out))
			*out = (char)(*out - 'a' + 'A');
	return true;
}

bool c_name_parameter(char out[C_NAME_TEXT], const char *text, size_t length)
{
	size_t i, end;

	if (!c_name_lower(out, text, length) || strlen(out) + 2 > C_NAME_TEXT)
		return false;
	for (i = 0; i < sizeof taken / sizeof taken[0]; i++) {
		if (strcmp(taken[i], out) != 0)
			continue;
		end = strlen(out);
		out[end] = '_';
		out[end + 1] = '\0';
	}
	return true;
}

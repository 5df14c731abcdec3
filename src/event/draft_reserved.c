/* The four members of an event that are not properties: its name, time, severity and trace parent.
 */
#include "event/draft_parts.h"

#include <string.h>

#include "base/text.h"

const struct fr_draft_fields fr_draft_own_fields = {"eventName", "eventTime"};

enum { SEVERITY_TEXT = 8 };

/* length is at least 1 */
static bool text_is(const char *text, size_t length, const char *word)
{
	/* nearly always the first character settles it */
	return text[0] == word[0] && strlen(word) == length && memcmp(text, word, length) == 0;
}

enum fr_reserved fr_draft_reserved(const struct fr_draft_fields *fields, const char *key,
				   size_t length)
{
	if (text_is(key, length, fields->name))
		return FR_RESERVED_NAME;
	if (text_is(key, length, fields->time))
		return FR_RESERVED_TIME;
	if (text_is(key, length, "severity"))
		return FR_RESERVED_SEVERITY;
	if (text_is(key, length, "traceparent"))
		return FR_RESERVED_TRACEPARENT;
	return FR_NOT_RESERVED;
}

/* As a string that ends; false when it is too long for what it should be, or holds a NUL. */
static bool text_end(char *out, size_t size, const char *text, size_t length)
{
	if (length >= size || memchr(text, '\0', length) != NULL)
		return false;
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

static bool name_take(struct fr_draft *draft, const char *text, size_t length)
{
	char name[FR_NAME_MAX + 1];

	if (!text_end(name, sizeof name, text, length) || !fr_name_is_valid(name))
		return false;
	memcpy(draft->name, name, length + 1);
	return true;
}

static bool severity_take(struct fr_draft *draft, const char *text, size_t length)
{
	char name[SEVERITY_TEXT];

	if (!text_end(name, sizeof name, text, length) ||
	    !fr_severity_parse(name, &draft->severity))
		return false;
	draft->has_severity = true;
	return true;
}

static bool traceparent_take(struct fr_draft *draft, const char *text, size_t length)
{
	char parent[FR_TRACEPARENT_TEXT];

	if (!text_end(parent, sizeof parent, text, length) || !fr_traceparent_is_valid(parent))
		return false;
	memcpy(draft->traceparent, parent, length + 1);
	return true;
}

static const char *member_rule(enum fr_reserved member)
{
	switch (member) {
	case FR_RESERVED_NAME:
		return "1 to 128 characters, a letter first, then letters, digits and _ . : -";
	case FR_RESERVED_TIME:
		return "a time of RFC 3339 from 1970 on, like 2026-11-22T08:35:00.123Z";
	case FR_RESERVED_SEVERITY:
		return "one of trace debug info warn error fatal";
	case FR_RESERVED_TRACEPARENT:
		return "00-<32 hex digits>-<16>-<2>, in lower case, its ids not all zero";
	case FR_NOT_RESERVED:
		break;
	}
	return "";
}

static bool member_take(struct fr_draft *draft, enum fr_reserved member, const char *text,
			size_t length)
{
	switch (member) {
	case FR_RESERVED_NAME:
		return name_take(draft, text, length);
	case FR_RESERVED_TIME:
		return fr_time_parse(text, length, &draft->time_us);
	case FR_RESERVED_SEVERITY:
		return severity_take(draft, text, length);
	case FR_RESERVED_TRACEPARENT:
		return traceparent_take(draft, text, length);
	case FR_NOT_RESERVED:
		break;
	}
	return false;
}

bool fr_draft_take(struct fr_draft *draft, enum fr_reserved member, const char *field,
		   const char *text, size_t length)
{
	char quote[FR_QUOTE_TEXT];

	if (text != NULL && member_take(draft, member, text, length))
		return true;
	if (field == NULL)
		return false;
	if (text == NULL) {
		(void)fr_fail(&draft->error, FR_INVALID, "%s must be a string: %s", field,
			      member_rule(member));
		return false;
	}
	fr_name_quote(quote, text, length);
	(void)fr_fail(&draft->error, FR_INVALID, "%s \"%s\" is not %s", field, quote,
		      member_rule(member));
	return false;
}

static bool is_hex(const char *text, size_t length)
{
	return strspn(text, "0123456789abcdef") >= length;
}

static bool is_zero(const char *text, size_t length)
{
	return strspn(text, "0") >= length;
}

bool fr_traceparent_is_valid(const char *text)
{
	return strlen(text) == FR_TRACEPARENT_TEXT - 1 && memcmp(text, "00-", 3) == 0 &&
	       is_hex(text + 3, 32) && !is_zero(text + 3, 32) && text[35] == '-' &&
	       is_hex(text + 36, 16) && !is_zero(text + 36, 16) && text[52] == '-' &&
	       is_hex(text + 53, 2);
}

/* The text is always built beside the error and copied in at the end: a caller may pass err->text
 * itself as an argument. What does not fit is cut, and then ends in "...".
 */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cuts at a character's first byte, so that valid UTF-8 stays valid. */
static void text_store(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length < size) {
		memcpy(out, text, length + 1);
		return;
	}
	length = size - sizeof "...";
	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	memcpy(out, text, length);
	memcpy(out + length, "...", sizeof "...");
}

static void error_store(struct fr_error *err, enum fr_status status, const char *text)
{
	err->status = status;
	text_store(err->text, sizeof err->text, text);
}

enum fr_status fr_fail(struct fr_error *err, enum fr_status status, const char *format, ...)
{
	char text[sizeof err->text + 1];
	va_list arguments;

	if (err == NULL)
		return status;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	error_store(err, status, text);
	return status;
}

enum fr_status fr_fail_within(struct fr_error *err, enum fr_status status, const char *format, ...)
{
	char text[2 * sizeof err->text];
	char front[sizeof err->text];
	va_list arguments;

	if (err == NULL)
		return status;
	va_start(arguments, format);
	(void)vsnprintf(front, sizeof front, format, arguments);
	va_end(arguments);
	(void)snprintf(text, sizeof text, "%s%s", front, err->text);
	error_store(err, status, text);
	return status;
}

enum fr_status fr_fail_system(struct fr_error *err, enum fr_status status, int code,
			      const char *format, ...)
{
	char text[2 * sizeof err->text];
	char front[sizeof err->text];
	char words[128];
	va_list arguments;

	if (err == NULL)
		return status;
	va_start(arguments, format);
	(void)vsnprintf(front, sizeof front, format, arguments);
	va_end(arguments);
	if (strerror_r(code, words, sizeof words) != 0)
		(void)snprintf(words, sizeof words, "error %d", code);
	(void)snprintf(text, sizeof text, "%s: %s", front, words);
	error_store(err, status, text);
	return status;
}

const char *fr_status_text(enum fr_status status)
{
	switch (status) {
	case FR_OK:
		return "done";
	case FR_OFF:
		return "recording is switched off";
	case FR_UNDECLARED:
		return "the catalogue does not declare this event";
	case FR_EXPIRED:
		return "the event's declaration has expired";
	case FR_NOT_INTERNAL:
		return "internal events are not recorded here";
	case FR_LIMITED:
		return "too many events of this name";
	case FR_INVALID:
		return "not valid";
	case FR_TOO_LARGE:
		return "too large";
	case FR_NOMEM:
		return "out of memory";
	case FR_FULL:
		return "the queue is full";
	case FR_BUSY:
		return "the queue is locked by another process";
	case FR_IO:
		return "input or output failed";
	case FR_CORRUPT:
		return "the queue file is damaged";
	case FR_UNCERTAIN:
		return "committed, but the flush to the disk failed";
	case FR_TOO_NEW:
		return "the queue was written by a newer version";
	case FR_NONE:
		return "nothing there";
	}
	return "unknown status";
}

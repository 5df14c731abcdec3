#include "sink/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void fr_answer_details_fini(struct fr_answer_details *details)
{
	free(details->refusals);
	*details = (struct fr_answer_details){0};
}

/* C0, DEL, and C1 (U+0080 to U+009F, two bytes each), which terminals obey too. */
static bool is_control(const unsigned char *c, size_t length)
{
	if (length == 1)
		return *c < 0x20 || *c == 0x7f;
	return length == 2 && c[0] == 0xc2 && c[1] < 0xa0;
}

void fr_answer_line(char *out, size_t size, const char *text, size_t length)
{
	size_t at = 0, filled = 0;

	while (at < length) {
		size_t step = fr_utf8_next(text + at, length - at);
		bool is_plain = step > 0 && !is_control((const unsigned char *)text + at, step);
		size_t width = is_plain ? step : 1;

		if (filled + width >= size)
			break;
		if (is_plain)
			memcpy(out + filled, text + at, step);
		else
			out[filled] = step == 0 ? '?' : ' ';
		filled += width;
		at += step > 0 ? step : 1;
	}
	out[filled] = '\0';
}

void fr_answer_excerpt(const struct fr_answer *answer, char out[FR_EXCERPT_TEXT])
{
	fr_answer_line(out, FR_EXCERPT_TEXT, answer->body, answer->body_length);
}

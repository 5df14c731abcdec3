/* One buffer a little larger than the longest line: lines are handed over in place, and what is
 * left of one moves to the front before more is read.
 */
#include "lines.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

enum fr_status cli_lines_init(struct cli_lines *lines, int fd, size_t limit, struct fr_error *err)
{
	*lines = (struct cli_lines){.fd = fd, .limit = limit, .capacity = limit + READ_BYTES};
	lines->buffer = malloc(lines->capacity);
	return lines->buffer != NULL ? FR_OK : fr_fail(err, FR_NOMEM, "out of memory");
}

void cli_lines_fini(struct cli_lines *lines)
{
	free(lines->buffer);
	lines->buffer = NULL;
}

static bool is_interrupted(const struct cli_lines *lines)
{
	return lines->interrupted != NULL && *lines->interrupted != 0;
}

static bool input_is_there(const struct cli_lines *lines)
{
	struct pollfd entry = {.fd = lines->fd, .events = POLLIN};

	return poll(&entry, 1, 0) != 0; /* a failure shows at the read */
}

/* CLI_LINE: there is more in the buffer, or the end was met. */
static enum cli_line buffer_fill(struct cli_lines *lines, bool may_wait, struct fr_error *err)
{
	ssize_t got;

	if (!may_wait && !input_is_there(lines))
		return CLI_LINE_LATER;
	if (lines->start > 0) {
		memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
		lines->scanned -= lines->start;
		lines->end -= lines->start;
		lines->start = 0;
	}
	assert(lines->end < lines->capacity);
	got = read(lines->fd, lines->buffer + lines->end, lines->capacity - lines->end);
	if (got < 0 && errno == EINTR)
		return CLI_LINE; /* whoever asked looks whether that was the end */
	if (got < 0) {
		(void)fr_fail_system(err, FR_IO, errno, "cannot read the input");
		return CLI_LINE_FAILED;
	}
	lines->has_ended = got == 0;
	lines->end += (size_t)got;
	lines->bytes += got;
	return CLI_LINE;
}

/* Ends the line at this place, a newline or the end of the input. */
static enum cli_line line_take(struct cli_lines *lines, size_t stop, const char **text,
			       size_t *length)
{
	bool was_skipping = lines->is_skipping;

	*text = lines->buffer + lines->start;
	*length = stop - lines->start;
	lines->start = lines->scanned = stop < lines->end ? stop + 1 : stop;
	lines->is_skipping = false;
	lines->number++;
	return was_skipping || *length > lines->limit ? CLI_LINE_TOO_LONG : CLI_LINE;
}

enum cli_line cli_lines_next(struct cli_lines *lines, bool may_wait, const char **text,
			     size_t *length, struct fr_error *err)
{
	for (;;) {
		size_t left = lines->end - lines->scanned;
		const char *newline =
			left > 0 ? memchr(lines->buffer + lines->scanned, '\n', left) : NULL;
		enum cli_line filled;

		if (is_interrupted(lines))
			return CLI_LINE_END;
		if (newline != NULL)
			return line_take(lines, (size_t)(newline - lines->buffer), text, length);
		if (lines->has_ended)
			return lines->end > lines->start || lines->is_skipping
				       ? line_take(lines, lines->end, text, length)
				       : CLI_LINE_END;
		lines->scanned = lines->end;
		if (lines->end - lines->start > lines->limit) {
			lines->is_skipping = true;
			lines->start = lines->scanned = lines->end = 0;
		}
		filled = buffer_fill(lines, may_wait, err);
		if (filled != CLI_LINE)
			return filled;
	}
}

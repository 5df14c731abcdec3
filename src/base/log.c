/* A line is formatted into a fixed place and handed to the writer; too long a line ends in "...".
 * Line breaks and other controls become spaces, so that no value can fake a line of its own.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

enum { LINE_MAX_BYTES = 1024 };

static void line_flatten(char *line)
{
	for (; *line != '\0'; line++)
		if ((unsigned char)*line < 0x20 || *line == 0x7f)
			*line = ' ';
}

static void line_mark_cut(char *line, int wanted)
{
	if (wanted >= LINE_MAX_BYTES)
		memcpy(line + LINE_MAX_BYTES - sizeof "...", "...", sizeof "...");
}

void fr_log(const struct fr_logger *log, enum fr_log_level level, const char *event,
	    const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list arguments;
	int head, tail;

	if (log == NULL || log->write == NULL || level > log->most)
		return;
	head = snprintf(line, sizeof line, "%s ", event);
	if (head < 0 || head >= LINE_MAX_BYTES)
		return;
	va_start(arguments, format);
	tail = vsnprintf(line + head, sizeof line - (size_t)head, format, arguments);
	va_end(arguments);
	if (tail <= 0)
		line[head - 1] = '\0';
	else
		line_mark_cut(line, head + tail);
	line_flatten(line);
	log->write(log->context, (int)level, line);
}

/* One write a line, so that the lines of several processes do not mix. */
static void stderr_write(void *context, int level, const char *text)
{
	char line[LINE_MAX_BYTES + 64];
	char when[FR_TIME_TEXT];
	struct timespec now;
	int length;

	(void)context;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	fr_time_format(when, (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	length = snprintf(line, sizeof line, "%s %s %s\n", when, fr_log_level_name(level), text);
	if (length < 0)
		return;
	while (write(STDERR_FILENO, line, (size_t)length) < 0 && errno == EINTR)
		; /* any other failure has nobody left to be told */
}

struct fr_logger fr_log_to_stderr(enum fr_log_level most)
{
	return (struct fr_logger){.write = stderr_write, .most = most};
}

const char *fr_log_level_name(int level)
{
	switch (level) {
	case FR_LOG_ERROR:
		return "error";
	case FR_LOG_WARN:
		return "warn";
	case FR_LOG_INFO:
		return "info";
	case FR_LOG_DEBUG:
		return "debug";
	default:
		return "unknown";
	}
}

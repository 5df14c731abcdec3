/* Escaping is decided per character; all else here is arithmetic. */
#include "output.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli.h"

static const char *const color_codes[] = {
	[CLI_PLAIN] = "",       [CLI_BOLD] = "\033[1m",   [CLI_DIM] = "\033[2m",
	[CLI_RED] = "\033[31m", [CLI_GREEN] = "\033[32m", [CLI_YELLOW] = "\033[33m",
};

const char *cli_color(const struct cli *cli, enum cli_color color)
{
	return cli->color ? color_codes[color] : "";
}

const char *cli_color_end(const struct cli *cli)
{
	return cli->color ? "\033[0m" : "";
}

/* The code point of one well-formed character of this length. */
static unsigned long character_decode(const char *text, size_t length)
{
	static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned long code = (unsigned char)text[0] & first_bits[length];

	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3f);
	return code;
}

/* Controls, and what reorders or hides the text around it: marks, embeddings, isolates, line
 * separators, tags. */
static bool character_is_unsafe(unsigned long code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x061c ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
	       (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe007f);
}

static void character_add(struct fr_buffer *out, const char *text, size_t length, bool multiline)
{
	unsigned long code = character_decode(text, length);

	if (multiline && (code == '\n' || code == '\t'))
		fr_buffer_add_char(out, text[0]);
	else if (!character_is_unsafe(code))
		fr_buffer_add(out, text, length);
	else if (code == '\n')
		fr_buffer_add_text(out, "\\n");
	else if (code == '\t')
		fr_buffer_add_text(out, "\\t");
	else if (code < 0x80)
		fr_buffer_add_format(out, "\\x%02lx", code);
	else
		fr_buffer_add_format(out, "\\u{%lx}", code);
}

void cli_add_visible(struct fr_buffer *out, const char *text, size_t length, bool multiline)
{
	while (length > 0) {
		size_t step = fr_utf8_next(text, length);

		if (step == 0) {
			fr_buffer_add_format(out, "\\x%02x", (unsigned)(unsigned char)text[0]);
			step = 1;
		} else {
			character_add(out, text, step, multiline);
		}
		text += step;
		length -= step;
	}
}

void cli_print_visible(FILE *stream, const char *text, size_t length, bool multiline)
{
	enum { STEP = 4096 }; /* a character cut in two here would show as bytes: step back */
	struct fr_buffer out;

	fr_buffer_init(&out, (size_t)STEP * 16);
	while (length > 0) {
		size_t step = length < STEP ? length : STEP;

		while (step < length && step > STEP - 4 &&
		       ((unsigned char)text[step] & 0xc0) == 0x80)
			step--;
		fr_buffer_clear(&out);
		cli_add_visible(&out, text, step, multiline);
		(void)fwrite(fr_buffer_text(&out), 1, out.length, stream);
		text += step;
		length -= step;
	}
	fr_buffer_fini(&out);
}

size_t cli_columns(const char *text, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
	return columns;
}

size_t cli_fit(const char *text, size_t length, size_t columns)
{
	size_t i = 0;

	for (; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80 && columns-- == 0)
			break;
	}
	return i;
}

size_t cli_terminal_columns(void)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) == 0)
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

const char *cli_count(char out[CLI_NUMBER_TEXT], int64_t value)
{
	char digits[CLI_NUMBER_TEXT];
	int length =
		snprintf(digits, sizeof digits, "%llu",
			 value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value);
	size_t at = 0;

	if (value < 0)
		out[at++] = '-';
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	assert(at < CLI_NUMBER_TEXT);
	return out;
}

const char *cli_bytes(char out[CLI_NUMBER_TEXT], int64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		(void)snprintf(out, CLI_NUMBER_TEXT, "%lld B", (long long)bytes);
		return out;
	}
	for (; value >= 1023.95 && unit + 1 < sizeof units / sizeof *units; unit++)
		value /= 1024;
	(void)snprintf(out, CLI_NUMBER_TEXT, "%.1f %s", value, units[unit]);
	return out;
}

const char *cli_duration(char out[CLI_NUMBER_TEXT], int64_t ms)
{
	int64_t seconds = ms / 1000;

	if (ms < 1000)
		(void)snprintf(out, CLI_NUMBER_TEXT, "%lld ms", (long long)ms);
	else if (seconds < 60)
		(void)snprintf(out, CLI_NUMBER_TEXT, "%lld s", (long long)seconds);
	else if (seconds < 3600)
		(void)snprintf(out, CLI_NUMBER_TEXT, "%lld min", (long long)(seconds / 60));
	else if (seconds < 86400)
		(void)snprintf(out, CLI_NUMBER_TEXT, "%lld h %lld min", (long long)(seconds / 3600),
			       (long long)(seconds / 60 % 60));
	else
		(void)snprintf(out, CLI_NUMBER_TEXT, "%lld d %lld h", (long long)(seconds / 86400),
			       (long long)(seconds / 3600 % 24));
	return out;
}

const char *cli_local_time(char out[CLI_NUMBER_TEXT], int64_t wall_us)
{
	time_t seconds = (time_t)(wall_us / 1000000 - (wall_us % 1000000 < 0));
	struct tm parts;

	if (localtime_r(&seconds, &parts) == NULL ||
	    strftime(out, CLI_NUMBER_TEXT, "%Y-%m-%d %H:%M:%S", &parts) == 0)
		(void)snprintf(out, CLI_NUMBER_TEXT, "%lld us", (long long)wall_us);
	return out;
}

const char *cli_plural(int64_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

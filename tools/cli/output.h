/* Text for people: safe for a terminal, in columns, in colour where wanted, numbers one can read.
 *
 * What comes from events, servers or files may hold anything. Nothing of it reaches a terminal as
 * a control character: C0, DEL, C1 and the characters that reverse the reading direction are
 * written as \xNN or \u{NNNN}, bytes that are no UTF-8 as \xNN.
 */
#ifndef FLIGHTREC_CLI_OUTPUT_H
#define FLIGHTREC_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"

struct cli;

enum cli_color {
	CLI_PLAIN,
	CLI_BOLD,
	CLI_DIM,
	CLI_RED,
	CLI_GREEN,
	CLI_YELLOW,
};

/* "" where colours are off, so that both may always be written. */
const char *cli_color(const struct cli *cli, enum cli_color color);
const char *cli_color_end(const struct cli *cli);

/* Appends the text as it may be shown. Newlines and tabs are escaped too unless `multiline`. */
void cli_add_visible(struct fr_buffer *out, const char *text, size_t length, bool multiline);

/* The same to a stream. */
void cli_print_visible(FILE *stream, const char *text, size_t length, bool multiline);

/* How many columns well-formed text takes: one for each character (wide ones count as one). */
size_t cli_columns(const char *text, size_t length);

/* How many bytes of the text fit into so many columns. */
size_t cli_fit(const char *text, size_t length, size_t columns);

/* The width of the terminal on standard output; 0 when it is none. */
size_t cli_terminal_columns(void);

enum { CLI_NUMBER_TEXT = 32 };

/* 1,204 / 1.2 MiB / 3 d 4 h / "2026-11-22 08:35:00" in local time. Each fills out and returns it.
 */
const char *cli_count(char out[CLI_NUMBER_TEXT], int64_t value);
const char *cli_bytes(char out[CLI_NUMBER_TEXT], int64_t bytes);
const char *cli_duration(char out[CLI_NUMBER_TEXT], int64_t ms);
const char *cli_local_time(char out[CLI_NUMBER_TEXT], int64_t wall_us);

/* "event" or "events". */
const char *cli_plural(int64_t count, const char *one, const char *many);

#endif

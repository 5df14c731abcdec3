/* Reading single members out of a JSON text that a program of ours wrote: the agent's answers, an
 * event's properties.
 *
 * Values are looked up again at each question, which is fine for texts of a few kilobytes. What
 * is not there or of another type reads as "nothing"; the text is not trusted to be well-formed.
 */
#ifndef FLIGHTREC_CLI_JSON_READ_H
#define FLIGHTREC_CLI_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A value inside a borrowed text; a NULL text is no value. */
struct cli_value {
	const char *text;
	size_t length;
};

struct cli_value cli_value_member(struct cli_value object, const char *key);

/* The element at this index; no value past the end. */
struct cli_value cli_value_element(struct cli_value array, size_t index);

/* The string decoded into out, cut to fit; false (and "") when it is not a string. */
bool cli_value_string(struct cli_value value, char *out, size_t size);

int64_t cli_value_int(struct cli_value value, int64_t otherwise);
bool cli_value_is_true(struct cli_value value);

#endif

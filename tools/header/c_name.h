/* Names of a catalogue as names of C: toolName becomes tool_name or TOOL_NAME. */
#ifndef FLIGHTREC_HEADER_C_NAME_H
#define FLIGHTREC_HEADER_C_NAME_H

#include <stdbool.h>
#include <stddef.h>

enum { C_NAME_TEXT = 512 };

/* Words apart with '_', everything that C does not know as '_'; "" becomes "empty". False: it does
 * not fit. */
bool c_name_lower(char out[C_NAME_TEXT], const char *text, size_t length);
bool c_name_upper(char out[C_NAME_TEXT], const char *text, size_t length);

/* The same for a parameter, which must not be a word of C or C++: default becomes default_. */
bool c_name_parameter(char out[C_NAME_TEXT], const char *text, size_t length);

#endif
